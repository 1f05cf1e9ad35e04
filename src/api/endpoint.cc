#include "api/endpoint.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/work_limits.h"
#include "http/negotiation.h"
#include "http/problem.h"

namespace packwalk {
namespace {

using SharedParts = std::shared_ptr<const ApiParts>;

constexpr std::string_view door_name = "api";
constexpr int retry_later_seconds = 30;
constexpr int first_error_of_ours = 500;
constexpr int caller_gone = 499;  // never sent, only counted; nginx's number for it

/// A request whose caller may ask this, and whose parameters are known.
struct Question {
  Endpoint endpoint;
  Request request;
  Caller caller;
  Parameters in;
};

Credentials credentials_of(const Request& head) { return ShownToken{std::string(bearer_token(head.authorization()))}; }

void note_failed_log_in(const ApiParts& parts, const Request& head, LogInFailure cause) {
  if (parts.failed_log_ins) parts.failed_log_ins->note(head.remote_address, door_name, cause);
}

/// 401 or 403 for a caller that may do what is needed with no device at all.
std::optional<Response> refusal_of(const ApiParts& parts, Needs needs, const Request& head, const Caller& caller) {
  if (!needs || may_with_any(caller, *needs)) return std::nullopt;
  if (!std::holds_alternative<Nobody>(caller)) {
    note_failed_log_in(parts, head, LogInFailure::forbidden);
    return problem(Problem::forbidden, "A device token is for sending packets. Send the administrator's token.");
  }
  if (bearer_token(head.authorization()).empty()) {
    note_failed_log_in(parts, head, LogInFailure::no_token);
    return unauthorized(Problem::no_token, "Send the administrator's token as `Authorization: Bearer <token>`.");
  }
  note_failed_log_in(parts, head, LogInFailure::unknown_token);
  return unauthorized(
      Problem::unknown_token,
      "Unknown token. Send the administrator's token; the file admin.token of the data folder holds it.");
}

/// Reports an error of the server, unless the work was cancelled.
Response answer_to_error(const ApiParts& parts, std::string_view pattern, const Request& request, const Error& error) {
  Response response = problem_of(error);
  if (response.status < first_error_of_ours || work_must_end()) return response;
  try {
    parts.failed({request, pattern, error});
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to report it; the caller gets the answer
  }
  return response;
}

/// Decides by the head. Looks an unknown caller up once more in the registry.
void check_head(const SharedParts& parts, const Endpoint& endpoint, const Request& head, const Decided& decide) {
  const Needs needs = endpoint.needs;
  if (!needs) return decide({});
  const auto decide_by = [parts, needs, &head, decide](const Identity& identity) {
    auto refusal = refusal_of(*parts, needs, head, identity.caller);
    const bool is_admitted = !refusal;
    decide({.refusal = std::move(refusal), .is_admitted = is_admitted});
  };
  const std::string_view pattern = endpoint.path;
  const Credentials credentials = credentials_of(head);
  const Identity identity = parts->identify().from_memory(credentials);
  if (identity.is_known()) return decide_by(identity);
  if (parts->failed_log_ins) {
    if (auto limited = parts->failed_log_ins->too_many(head.remote_address, door_name)) {
      return decide({.refusal = std::move(limited)});
    }
  }
  if (!identity.may_be_new) return decide_by(identity);
  const auto background = [parts, asker = Asker{.caller = head.remote_address, .request_id = head.id}](auto work,
                                                                                                       auto failed) {
    return parts->pool.run(std::move(work), std::move(failed), asker);
  };
  parts->identify().look_again(credentials, head.received_at, background, [=, &head](const Result<Identity>& found) {
    if (found) return decide_by(*found);
    decide({.refusal = answer_to_error(*parts, pattern, head, found.error())});
  });
}

Response answer_to_fault(const Parameters::Fault& fault) {
  return problem(fault.problem, fault.detail, {.parameter = fault.parameter});
}

/// The device that the question is about, when it is about one.
Result<FoundDevice> settle_device(const Ask& ask, const Endpoint& endpoint) {
  const MayBlock may_block = endpoint.runs == Runs::on_pool ? MayBlock::yes : MayBlock::no;
  if (endpoint.has_device_in_path()) return find_device(ask, ask.request.parameters.at(0), may_block);
  const auto id = ask.in.text("device");
  if (!id) {
    ask.in.reject("device",
                  "device is missing: walks are listed per device. Add device=ID; GET /v1/devices lists the ids.",
                  Problem::missing_parameter);
    return FoundDevice{};
  }
  auto found = find_device(ask, *id, may_block);
  if (found && !found->device) ask.in.reject("device", std::string(detail_of(found->refusal)), found->refusal);
  return found;
}

Result<Response> answer_once_settled(Ask& ask, const Endpoint& endpoint) {
  const auto names = endpoint.parameters();
  const bool is_of_device =
      endpoint.has_device_in_path() || std::find(names.begin(), names.end(), "device") != names.end();
  if (!is_of_device) return endpoint.answer(ask);
  const auto found = settle_device(ask, endpoint);
  if (!found) return found.failure();
  if (!found->device) return problem(found->refusal, detail_of(found->refusal));
  ask.device = &*found->device;
  return endpoint.answer(ask);
}

/// All that the pages of one list have in common, each part with its length.
std::string identity_of(const Question& question) {
  std::string identity(question.endpoint.path);
  const auto append = [&](std::string_view part) {
    identity.append(" ").append(std::to_string(part.size())).append(":").append(part);
  };
  for (const std::string& part : question.request.parameters) append(part);
  for (const std::string_view name : question.endpoint.parameters()) {
    if (name == "cursor" || name == "limit" || name == "format") continue;
    const auto value = question.in.text(name);
    if (!value) continue;
    append(name);
    append(*value);
  }
  return identity;
}

void open_cursor(const CursorSeal& seal, Parameters& in) {
  const auto cursor = in.text("cursor");
  if (!cursor) return;
  auto place = seal.open(*cursor);
  if (!place) return in.reject_cursor();
  in.put_cursor(*std::move(place));
}

Response answer_to(const ApiParts& parts, Question& question) {
  const Action action = question.endpoint.needs.value_or(Action::present);
  const CursorSeal seal(parts.admin_token, identity_of(question));
  open_cursor(seal, question.in);
  if (question.in.fault()) return answer_to_fault(*question.in.fault());
  Ask ask{parts, question.request, question.caller, action, nullptr, question.in, seal};
  auto response = answer_once_settled(ask, question.endpoint);
  if (question.in.fault()) return answer_to_fault(*question.in.fault());
  if (response) {
    const auto names = question.endpoint.parameters();
    if (std::find(names.begin(), names.end(), "format") != names.end()) add_vary(*response, "Accept");
    return *std::move(response);
  }
  return answer_to_error(parts, question.endpoint.path, question.request, response.error());
}

/// The answer to a question that has none of its own.
Response answer_at_end(JobEnd end, std::chrono::seconds query_max) {
  switch (end) {
    case JobEnd::late:
      return try_again(Problem::query_too_long,
                       "The query took longer than " + std::to_string(query_max.count()) +
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
  return server_fault();  // the pool has reported what the job threw
}

/// Whether what was made is the whole answer.
JobEnd end_of(const Response& response, LimitedWork& limited) {
  // A driver that gave up, or was cut off, has made an error of it.
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

void answer_on_pool(const SharedParts& parts, Question question, const Reply& reply) {
  const Request& request = question.request;
  Asker asker{request.remote_address, request.gone, request.received_at + parts->query_max, request.id};
  const auto shared = std::make_shared<Question>(std::move(question));
  auto work = [parts, shared, reply](LimitedWork& limited) {
    Response response = answer_to(*parts, *shared);
    const JobEnd end = end_of(response, limited);
    reply(end == JobEnd::answered ? std::move(response) : answer_at_end(end, parts->query_max));
    return end;
  };
  const auto unanswered = [reply, query_max = parts->query_max](JobEnd end) { reply(answer_at_end(end, query_max)); };
  if (!parts->pool.ask(std::move(asker), std::move(work), unanswered)) reply(problem_of({Errc::overloaded, ""}));
}

void answer(const SharedParts& parts, const Endpoint& endpoint, Request request, const Reply& reply) {
  Caller caller;
  if (endpoint.needs) caller = parts->identify().from_memory(credentials_of(request)).caller;
  if (auto refused = refusal_of(*parts, endpoint.needs, request, caller)) return reply(*std::move(refused));
  Parameters in(request.query, endpoint.parameters());
  if (in.fault()) return reply(answer_to_fault(*in.fault()));
  Question question{endpoint, std::move(request), caller, std::move(in)};
  if (endpoint.runs == Runs::at_once) return reply(answer_to(*parts, question));
  answer_on_pool(parts, std::move(question), reply);
}

}  // namespace

std::span<const std::string_view> Endpoint::parameters() const {
  const auto* const end = std::find(parameter_names.begin(), parameter_names.end(), std::string_view());
  return {parameter_names.begin(), end};
}

Route route_of(const SharedParts& parts, const Endpoint& endpoint) {
  Route route{.methods = {endpoint.method}, .pattern = endpoint.path};
  route.handler = [parts, endpoint](Request request, const Reply& reply) {
    answer(parts, endpoint, std::move(request), reply);
  };
  route.check = [parts, endpoint](const Request& head, const Decided& decide) {
    check_head(parts, endpoint, head, decide);
  };
  route.heeds_gone = true;
  return route;
}

}  // namespace packwalk
