#include "api/question.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/query_parameters.h"
#include "base/work_limits.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::string_view door_name = "api";
constexpr int retry_later_seconds = 30;
constexpr int caller_gone = 499;  // never sent, only counted; nginx's number for it

bool is_admin(const QueryParts& parts, const Request& request) {
  return parts.admin_token.is(bearer_token(request.authorization()));
}

/// What is wrong with the request before anybody thinks about its answer.
std::optional<Response> refusal(const QueryParts& parts, const Question& question, const Request& request) {
  if (auto refused = not_admin(parts, request)) return refused;
  if (const auto known = only_parameters(request, question.parameters); !known) return problem_of(known.error());
  return std::nullopt;
}

/// The answer to a question that has none of its own.
Response answer_of(JobEnd end, std::chrono::seconds query_max) {
  switch (end) {
    case JobEnd::late:
      return try_again("The query took longer than " + std::to_string(query_max.count()) +
                           " s. Ask for a shorter range or fewer rows, or try again later.",
                       retry_later_seconds);
    case JobEnd::gone:
    case JobEnd::dropped:
      return {.status = caller_gone, .drop = true};
    case JobEnd::answered:
    case JobEnd::refused:
    case JobEnd::failed:
      break;
  }
  return problem_of({Errc::corrupt, ""});
}

/// Whether what was made is the whole answer.
JobEnd end_of(const Response& response, LimitedWork& limited) {
  // A driver that gave up, or was cut off, has made an error of it.
  constexpr int first_error_of_ours = 500;
  if (response.status >= first_error_of_ours) limited.must_end();
  switch (limited.ended()) {
    case WorkEnd::none:
      break;
    case WorkEnd::gone:
      return JobEnd::gone;
    case WorkEnd::late:
      return JobEnd::late;
  }
  return JobEnd::answered;
}

}  // namespace

std::optional<Response> not_admin(const QueryParts& parts, const Request& head) {
  if (is_admin(parts, head)) return std::nullopt;
  if (parts.failed_log_ins) {
    if (auto limited = parts.failed_log_ins->too_many(head.remote_address, door_name)) return limited;
    parts.failed_log_ins->note(head.remote_address, door_name, LogInFailure::no_admin);
  }
  if (bearer_token(head.authorization()).empty()) {
    return unauthorized("show the administrator's token: Authorization: Bearer <token>");
  }
  return unauthorized("this is not the administrator's token, which stands in admin.token of the data folder", true);
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
    Asker asker{request.remote_address, request.gone, request.received_at + parts->query_max, request.id};
    auto work = [parts, answer = question.answer, request = std::move(request), reply](LimitedWork& limited) {
      Response response = answer(*parts, request);
      const JobEnd end = end_of(response, limited);
      reply(end == JobEnd::answered ? std::move(response) : answer_of(end, parts->query_max));
      return end;
    };
    const auto unanswered = [reply, query_max = parts->query_max](JobEnd end) { reply(answer_of(end, query_max)); };
    if (!parts->pool.ask(std::move(asker), std::move(work), unanswered)) reply(problem_of({Errc::overloaded, ""}));
  };
}

Result<RegisteredDevice> device_of(const QueryParts& parts, const Request& request, std::string_view id) {
  auto device = parts.directory.find(id);
  if (!device) {
    if (auto refreshed = parts.directory.refresh(request.received_at); !refreshed) {
      return refreshed.failure();
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
