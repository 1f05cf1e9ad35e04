#include "doors/broker_auth.h"

#include <memory>
#include <optional>
#include <utility>

#include "app/access/identify.h"
#include "base/token.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::string_view door_name = "mqtt";
constexpr std::string_view user_question = "user";
constexpr std::size_t form_bytes_max = std::size_t{64} * 1024;

/// A request of the broker. The size of a request bounds all its values.
class Question {
 public:
  explicit Question(Request request) : form_(std::move(request.body)), asked_at_(request.received_at) {}

  std::string value(std::string_view name) const { return query_value(form_, name).value_or(""); }
  std::chrono::steady_clock::time_point asked_at() const { return asked_at_; }

 private:
  std::string form_;
  std::chrono::steady_clock::time_point asked_at_;
};

/// The device in a request, and the permission that it needs; empty if the answer is deny in any case.
struct Claim {
  Credentials credentials;
  std::string device;  // the id that the client claims
};
using ClaimOf = std::optional<Claim> (*)(const BrokerAuthParts&, const Question&);

/// Without a client id it is not MQTT: over AMQP, a device could pretend to be a gateway.
std::optional<Claim> claim_of_user(const BrokerAuthParts& parts, const Question& question) {
  std::string device = question.value("username");
  if (question.value("vhost") != parts.door.vhost || !may_call_itself(device, question.value("client_id"))) {
    return std::nullopt;
  }
  return Claim{ShownToken{question.value("password")}, std::move(device)};
}

/// These requests are about a client that has logged in.
Claim claim_of_device(std::string id) { return {TrackerId{id}, id}; }

std::optional<Claim> claim_of_vhost(const BrokerAuthParts& parts, const Question& question) {
  if (question.value("vhost") != parts.door.vhost) return std::nullopt;
  return claim_of_device(question.value("username"));
}

/// For exchanges, queues and topics.
std::optional<Claim> claim_of_access(const BrokerAuthParts& parts, const Question& question) {
  std::string device = question.value("username");
  const BrokerAccess access{.vhost = question.value("vhost"),
                            .kind = question.value("resource"),
                            .name = question.value("name"),
                            .permission = question.value("permission"),
                            .routing_key = question.value("routing_key")};
  if (!may_access(parts.door, device, access)) return std::nullopt;
  return claim_of_device(std::move(device));
}

/// Whether `identity` is the device that the client claims.
bool holds(const BrokerAuthParts& parts, const Claim& claim, const Identity& identity) {
  const auto* device = std::get_if<CallingDevice>(&identity.caller);
  return device && parts.directory.id_of(device->number) == claim.device;
}

/// A client that logs in only claims to be a device, but a replaced token proves it. The other requests are about a
/// client that has logged in.
Refusal refusal_of(const BrokerAuthParts& parts, std::string_view name, const Question& question) {
  if (name != user_question) {
    return {door_name, "no_permission", {}, parts.directory.by_id(question.value("username")), name};
  }
  const Identity identity = Identify(parts.directory).from_memory(ShownToken{question.value("password")});
  return {door_name, identity.replaced ? "replaced_token" : "unknown_token", {}, identity.replaced, name};
}

/// While the registry is not available, answers 503. It sends no Retry-After, because the broker would keep the collar
/// waiting.
Response cannot_say() {
  return problem(Problem::unavailable, "The server cannot look up this device now. Try again later.");
}

void answer(const std::shared_ptr<const BrokerAuthParts>& parts, std::string_view name, ClaimOf claim_of,
            Question question, const Reply& reply) {
  const auto claim = claim_of(*parts, question);
  const auto since = question.asked_at();
  const auto say = [parts, name, reply, question = std::move(question)](bool allowed) {
    if (!allowed) parts->refused(refusal_of(*parts, name, question));
    const char* word = allowed ? "allow" : "deny";
    parts->count(name, word);
    reply({.content_type = "text/plain", .body = word});  // without a line end, which RabbitMQ does not accept
  };
  if (!claim) return say(false);
  const Identify identify(parts->directory);
  const Identity identity = identify.from_memory(claim->credentials);
  if (!identity.may_be_new) return say(holds(*parts, *claim, identity));
  const auto background = [parts](auto work, auto failed) {
    return parts->pool.run(std::move(work), std::move(failed), {.caller = "the broker"});
  };
  const auto found = [parts, name, reply, claim = *claim, say](const Result<Identity>& looked_up) {
    if (looked_up) return say(holds(*parts, claim, *looked_up));
    parts->count(name, "error");
    reply(cannot_say());
  };
  identify.look_again(claim->credentials, since, background, found);
}

}  // namespace

std::vector<Route> broker_auth_routes(BrokerAuthParts parts) {
  const auto shared = std::make_shared<const BrokerAuthParts>(std::move(parts));
  const bool secret = !shared->secret.empty();
  const auto about = [&](std::string_view name, ClaimOf claim_of) -> Handler {
    return [shared, name, claim_of, expected = hash_of_token(shared->secret)](Request request, const Reply& reply) {
      if (!request.parameters.empty() && !equal_in_constant_time(hash_of_token(request.parameters[0]), expected)) {
        shared->count(name, "refused");
        return reply(nothing_at_path());
      }
      answer(shared, name, claim_of, Question(std::move(request)), reply);
    };
  };
  const std::vector<Method> post{Method::post};
  return {
      {post, secret ? "/auth/{secret}/user" : "/auth/user", about(user_question, claim_of_user), form_bytes_max},
      {post, secret ? "/auth/{secret}/vhost" : "/auth/vhost", about("vhost", claim_of_vhost), form_bytes_max},
      {post, secret ? "/auth/{secret}/resource" : "/auth/resource", about("resource", claim_of_access), form_bytes_max},
      {post, secret ? "/auth/{secret}/topic" : "/auth/topic", about("topic", claim_of_access), form_bytes_max},
  };
}

}  // namespace packwalk
