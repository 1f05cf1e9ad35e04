#include "http/question.h"

#include <memory>
#include <optional>
#include <utility>

#include "http/problem.h"
#include "http/query_parameters.h"

namespace packwalk {
namespace {

bool is_admin(const QueryParts& parts, const Request& request) {
  return parts.admin_token.is(bearer_token(request.authorization));
}

/// What is wrong with the request before anybody thinks about its answer.
std::optional<Response> refusal(const QueryParts& parts, const Question& question, const Request& request) {
  if (auto refused = not_admin(parts, request)) return refused;
  if (const auto known = only_parameters(request, question.parameters); !known) return problem_of(known.error());
  return std::nullopt;
}

}  // namespace

std::optional<Response> not_admin(const QueryParts& parts, const Request& head) {
  if (is_admin(parts, head)) return std::nullopt;
  if (parts.failed_log_ins) {
    if (auto limited = parts.failed_log_ins->too_many(head.remote_address)) return limited;
    parts.failed_log_ins->note(head.remote_address, LogInFailure::no_admin);
  }
  return unauthorized("show the administrator's token: Authorization: Bearer <token>");
}

Handler at_once(const SharedParts& parts, Question question) {
  return [parts, question = std::move(question)](const Request& request, const Reply& reply) {
    auto refused = refusal(*parts, question, request);
    reply(refused ? *std::move(refused) : question.answer(*parts, request));
  };
}

Handler from_store(const SharedParts& parts, Question question) {
  return [parts, question = std::move(question)](Request request, const Reply& reply) {
    if (auto refused = refusal(*parts, question, request)) return reply(*std::move(refused));
    auto work = [parts, answer = question.answer, request = std::move(request), reply] {
      reply(answer(*parts, request));
    };
    const auto failed = [reply] { reply(problem_of({Errc::corrupt, ""})); };
    if (!parts->pool.run(std::move(work), failed)) reply(problem_of({Errc::overloaded, ""}));
  };
}

Result<RegisteredDevice> device_of(const QueryParts& parts, const Request& request, std::string_view id) {
  auto device = parts.directory.find(id);
  if (!device) {
    if (auto refreshed = parts.directory.refresh(request.received_at); !refreshed) {
      return tl::unexpected(std::move(refreshed.error()));
    }
    device = parts.directory.find(id);
  }
  if (!device) return fail(Errc::not_found, "there is no device of this id");
  return *std::move(device);
}

std::string_view id_in_row(const QueryParts& parts, const Request& request, DeviceNumber device) {
  const std::string_view id = parts.directory.id_ever_of(device);
  if (!id.empty() || !parts.directory.refresh(request.received_at)) return id;
  return parts.directory.id_ever_of(device);
}

Response page(AnswerForm form, std::string body, const Request& request, std::string_view cursor) {
  Response response{.content_type = std::string(media_type_of(form)), .body = std::move(body)};
  if (!cursor.empty()) response.headers.emplace_back("Link", next_link(request, cursor));
  return response;
}

}  // namespace packwalk
