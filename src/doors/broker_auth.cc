#include "doors/broker_auth.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/token.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::string_view door_name = "mqtt";
constexpr std::string_view user_question = "user";
constexpr std::size_t form_bytes_max = std::size_t{64} * 1024;

/// A question of the broker; all of its values are bounded by the size of a request.
class Question {
 public:
  explicit Question(Request request) : form_(std::move(request.body)), asked_at_(request.received_at) {}

  std::string value(std::string_view name) const { return query_value(form_, name).value_or(""); }
  std::chrono::steady_clock::time_point asked_at() const { return asked_at_; }

 private:
  std::string form_;
  std::chrono::steady_clock::time_point asked_at_;
};

/// The answer; none when it depends on a device or a token that is not known here (yet).
using Decision = std::optional<bool>;
using Decide = Decision (*)(const BrokerAuthParts&, const Question&);

/// Without a client id it is no MQTT: over AMQP a device could pretend to be a gateway.
Decision decide_user(const BrokerAuthParts& parts, const Question& question) {
  const std::string device = question.value("username");
  if (question.value("vhost") != parts.door.vhost || !may_call_itself(device, question.value("client_id")))
    return false;
  const std::string token = question.value("password");
  if (token.size() > token_size) return false;  // none that a device could have
  const TokenLookup lookup = parts.directory.by_token(token);
  switch (lookup.standing) {
    case TokenStanding::valid:
      return parts.directory.id_of(lookup.device) == device;
    case TokenStanding::replaced:
      return false;
    case TokenStanding::unknown:
      break;
  }
  return std::nullopt;
}

bool is_device(const BrokerAuthParts& parts, const std::string& id) {
  const auto found = parts.directory.find(id);
  return found && !found->removed_at;
}

Decision decide_vhost(const BrokerAuthParts& parts, const Question& question) {
  if (question.value("vhost") != parts.door.vhost) return false;
  if (!is_device(parts, question.value("username"))) return std::nullopt;
  return true;
}

/// Of exchanges and queues, and of topics.
Decision decide_access(const BrokerAuthParts& parts, const Question& question) {
  const std::string device = question.value("username");
  const BrokerAccess access{.vhost = question.value("vhost"),
                            .kind = question.value("resource"),
                            .name = question.value("name"),
                            .permission = question.value("permission"),
                            .routing_key = question.value("routing_key")};
  if (!may_access(parts.door, device, access)) return false;
  if (!is_device(parts, device)) return std::nullopt;
  return true;
}

/// Who logs in only says which device it is, but a token that was replaced proves it; the other questions are about one
/// that has logged in.
Refusal refusal_of(const BrokerAuthParts& parts, std::string_view name, const Question& question) {
  if (name != user_question) {
    return {door_name, "no_permission", {}, parts.directory.by_id(question.value("username")), name};
  }
  const std::string token = question.value("password");
  const TokenLookup lookup = token.size() > token_size ? TokenLookup{} : parts.directory.by_token(token);
  if (lookup.standing != TokenStanding::replaced) return {door_name, "unknown_token", {}, std::nullopt, name};
  return {door_name, "replaced_token", {}, lookup.device, name};
}

/// What another process changed a moment ago may not be known here, so the registry is asked before anybody is refused.
void answer(const std::shared_ptr<const BrokerAuthParts>& parts, std::string_view name, Decide decide,
            Question question, const Reply& reply) {
  const auto say = [parts, name, reply](const Question& about, bool allowed) {
    if (!allowed) parts->refused(refusal_of(*parts, name, about));
    const char* word = allowed ? "allow" : "deny";
    parts->count(name, word);
    reply({.content_type = "text/plain", .body = word});  // and no line end, which RabbitMQ would not understand
  };
  if (const Decision decision = decide(*parts, question)) return say(question, *decision);
  const auto fail_for_now = [parts, name, reply] {
    parts->count(name, "error");
    reply(problem(503,
                  "nobody can look this device up now"));  // with Retry-After the broker would keep the collar waiting
  };
  auto ask_registry = [parts, decide, question = std::move(question), say, fail_for_now] {
    if (!parts->directory.refresh(question.asked_at())) return fail_for_now();
    say(question, decide(*parts, question).value_or(false));
  };
  if (!parts->pool.run(std::move(ask_registry), fail_for_now, {.caller = "the broker"})) fail_for_now();
}

}  // namespace

std::vector<Route> broker_auth_routes(BrokerAuthParts parts) {
  const auto shared = std::make_shared<const BrokerAuthParts>(std::move(parts));
  const bool secret = !shared->secret.empty();
  const auto about = [&](std::string_view name, Decide decide) -> Handler {
    return [shared, name, decide, expected = hash_of_token(shared->secret)](Request request, const Reply& reply) {
      if (!request.parameters.empty() && !equal_in_constant_time(hash_of_token(request.parameters[0]), expected)) {
        shared->count(name, "refused");
        return reply(nothing_at_path());
      }
      answer(shared, name, decide, Question(std::move(request)), reply);
    };
  };
  const std::vector<Method> post{Method::post};
  return {
      {post, secret ? "/auth/{secret}/user" : "/auth/user", about(user_question, decide_user), form_bytes_max},
      {post, secret ? "/auth/{secret}/vhost" : "/auth/vhost", about("vhost", decide_vhost), form_bytes_max},
      {post, secret ? "/auth/{secret}/resource" : "/auth/resource", about("resource", decide_access), form_bytes_max},
      {post, secret ? "/auth/{secret}/topic" : "/auth/topic", about("topic", decide_access), form_bytes_max},
  };
}

}  // namespace packwalk
