#include "http/phone_doors.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/token.h"
#include "core/phone/osmand.h"
#include "http/door_body.h"
#include "http/problem.h"

namespace packwalk {
namespace {

// Of whoever need not show a token before its body is read.
constexpr std::size_t stranger_bytes_max = std::size_t{64} * 1024;

constexpr const char* overland_success = R"({"result":"ok"})";

/// What a phone's app takes for success, whatever became of its packets.
Response phone_success(std::string content_type, std::string body) {
  return {.status = 200, .content_type = std::move(content_type), .body = std::move(body)};
}

void take_phone_body(const DoorParts& parts, Caller caller, DoorBody body, const Response& success,
                     const Reply& reply) {
  body.address = caller.address;
  auto take = [&parts, reply, success, body = std::move(body)](DeviceNumber device) mutable {
    take_body(parts, device, std::move(body), reply, [success](const Receipt&) { return success; });
  };
  admit(parts, std::move(caller), reply, std::move(take));
}

std::string path_token(const Request& request) {
  return request.parameters.empty() ? std::string() : request.parameters[0];
}

/// The first that is there.
std::string first_of(std::string_view a, std::string b) { return a.empty() ? std::move(b) : std::string(a); }

/// Traccar Client for iOS up to 8 deletes what it sent on any answer, 503 too: only silence makes it keep it.
bool deletes_on_any_answer(const Request& request) {
  return request.user_agent.starts_with("Traccar") && request.user_agent.find("CFNetwork") != std::string::npos;
}

Response silent_on_failure(bool silent, Response response) {
  if (silent) response.drop = response.status >= 500;
  return response;
}

bool is_osmand_json(const Request& request) { return media_type(request.content_type) == "application/json"; }

/// A query and a form say together what the phone says; of JSON the body alone.
DoorBody osmand_body(const Request& request) {
  if (is_osmand_json(request) && !request.body.empty()) return {"osmand", Transport::osmand_json, request.body};
  const char* between = request.query.empty() || request.body.empty() ? "" : "&";
  return {"osmand", Transport::osmand_form, request.query + between + request.body};
}

/// The identifier that is the token; "" also where JSON escapes hide it: no app sends it so.
std::string osmand_identifier(const DoorBody& body) {
  if (body.transport == Transport::osmand_form) return osmand_form_identifier(body.content).value_or("");
  if (body.content.size() > stranger_bytes_max) return "";
  const std::string token = osmand_json_identifier(body.content).value_or("");
  return is_token(token) && body.content.find(token) == std::string::npos ? "" : token;
}

std::string osmand_head_token(const Request& head) {
  return first_of(bearer_token(head.authorization), path_token(head));
}

/// The token by which a head is judged; "" where it may still come in the body.
std::string osmand_checked_token(const Request& head) {
  std::string token = osmand_head_token(head);
  if (token.empty() && !is_osmand_json(head)) {
    token = osmand_form_identifier(head.query).value_or("");
    if (!is_token(token)) token.clear();
  }
  return token;
}

/// The request of whoever has shown a good token.
auto continue_with(const Decided& decide) {
  return [decide](DeviceNumber device) { decide({.is_admitted = true, .device = device}); };
}

/// A token that may still come in the body is waited for.
void check_osmand(const DoorParts& parts, const Request& head, const Decided& decide) {
  std::string token = osmand_checked_token(head);
  if (token.empty()) return decide({});
  const auto refuse = [decide, silent = deletes_on_any_answer(head)](Response response) {
    decide({.refusal = silent_on_failure(silent, std::move(response))});
  };
  admit(parts, caller_of(head, "osmand", std::move(token)), refuse, continue_with(decide));
}

void osmand(const DoorParts& parts, const Request& request, const Reply& reply) {
  DoorBody body = osmand_body(request);
  std::string token = osmand_head_token(request);
  if (token.empty() && !request.device) token = osmand_identifier(body);
  const auto answer = [reply, silent = deletes_on_any_answer(request)](Response response) {
    reply(silent_on_failure(silent, std::move(response)));
  };
  take_phone_body(parts, caller_of(request, "osmand", std::move(token)), std::move(body),
                  phone_success("text/plain", ""), answer);
}

Caller owntracks_caller(const Request& request) {
  std::string password = basic_password(request.authorization);
  if (password.empty()) password = first_of(bearer_token(request.authorization), path_token(request));
  return caller_of(request, "owntracks", std::move(password));
}

void owntracks(const DoorParts& parts, Request request, const Reply& reply) {
  const bool from_overland = request.user_agent.starts_with("Overland");
  Caller caller = owntracks_caller(request);
  take_phone_body(parts, std::move(caller), {"owntracks", Transport::owntracks, std::move(request.body)},
                  phone_success("application/json", from_overland ? overland_success : "[]"), reply);
}

Caller overland_caller(const Request& request) {
  return caller_of(request, "overland", first_of(bearer_token(request.authorization), path_token(request)));
}

void overland(const DoorParts& parts, Request request, const Reply& reply) {
  Caller caller = overland_caller(request);
  take_phone_body(parts, std::move(caller), {"overland", Transport::overland, std::move(request.body)},
                  phone_success("application/json", overland_success), reply);
}

/// Of a door where the token stands in the head.
template <class CallerOf>
auto check_of(CallerOf caller_of) {
  return [caller_of](const DoorParts& parts, const Request& head, const Decided& decide) {
    const auto refuse = [decide](Response response) { decide({.refusal = std::move(response)}); };
    admit(parts, caller_of(head), refuse, continue_with(decide));
  };
}

}  // namespace

std::vector<Route> phone_doors(const DoorParts& parts) {
  const auto shared = std::make_shared<const DoorParts>(parts);
  const auto door = [&](std::vector<Method> methods, std::string_view pattern, auto handle, auto check,
                        std::size_t bytes_max) {
    const Handler take = [shared, handle](Request request, const Reply& reply) {
      handle(*shared, std::move(request), reply);
    };
    const HeadCheck checked = [shared, check](const Request& head, const Decided& decide) {
      check(*shared, head, decide);
    };
    return Route{std::move(methods), pattern, take, bytes_max, checked, true};
  };
  const std::vector<Method> post{Method::post};
  const std::vector<Method> get_or_post{Method::get, Method::post};
  const std::size_t bytes_max = parts.body_bytes_max;
  const std::size_t small = std::min(bytes_max, stranger_bytes_max);
  return {
      door(get_or_post, "/osmand", osmand, check_osmand, small),
      door(get_or_post, "/osmand/{token}", osmand, check_osmand, bytes_max),
      door(post, "/", osmand, check_osmand, small),  // Traccar Client's default path
      door(post, "/owntracks", owntracks, check_of(owntracks_caller), bytes_max),
      door(post, "/owntracks/{token}", owntracks, check_of(owntracks_caller), bytes_max),
      door(post, "/overland", overland, check_of(overland_caller), bytes_max),
      door(post, "/overland/{token}", overland, check_of(overland_caller), bytes_max),
  };
}

}  // namespace packwalk
