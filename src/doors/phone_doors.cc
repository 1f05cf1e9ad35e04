#include "doors/phone_doors.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/token.h"
#include "core/phone/osmand.h"
#include "core/phone/phone_form.h"
#include "doors/door_body.h"
#include "doors/phone_token.h"
#include "http/gzip.h"
#include "http/problem.h"

namespace packwalk {
namespace {

// The limit for a sender whose token may be in the body.
constexpr std::size_t stranger_bytes_max = std::size_t{64} * 1024;
// Smaller, because it may cost its sender next to nothing.
constexpr std::size_t stranger_unpacked_bytes_max = std::size_t{16} * 1024;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// A door for one app. Every door reads the formats of all apps.
struct PhoneDoor {
  std::string_view name;
  Transport form{};
  bool reads_query = false;    // the message is in the query and a form body together
  bool token_in_body = false;  // optional
};
constexpr PhoneDoor osmand{"osmand", Transport::osmand_form, true, true};
constexpr PhoneDoor osmand_of_token{"osmand", Transport::osmand_form, true, false};
constexpr PhoneDoor owntracks{"owntracks", Transport::owntracks, false, false};
constexpr PhoneDoor overland{"overland", Transport::overland, false, false};

/// The answer that the app of this format takes as success, independent of the verdicts.
Response phone_success(Transport form) {
  switch (form) {
    case Transport::owntracks:
      return {.status = 200, .content_type = "application/json", .body = "[]"};
    case Transport::overland:
    case Transport::owntracks_of_overland:
      return {.status = 200, .content_type = "application/json", .body = R"({"result":"ok"})"};
    default:
      return {.status = 200, .content_type = "text/plain", .body = ""};
  }
}

/// A phone deletes packets that were answered 2xx, so an unreadable body is not answered 2xx.
Response phone_answer(const Receipt& receipt, Transport form) {
  return receipt.unreadable ? unreadable_body(*receipt.unreadable) : phone_success(form);
}

bool is_from_overland(const Request& request) { return lower_case(request.user_agent()).starts_with("overland"); }

/// Traccar Client for iOS up to 8 deletes its packets on any answer, even 503. It keeps them only without an answer.
bool deletes_on_any_answer(const Request& request) {
  return request.user_agent().starts_with("Traccar") &&
         request.user_agent().find("CFNetwork") != std::string_view::npos;
}

Response silent_on_failure(bool silent, Response response) {
  if (silent) response.drop = response.status >= 500;
  return response;
}

std::optional<Response> refusal_of_encoding(const DoorParts& parts, const Request& head, const Sender& sender) {
  if (is_known_encoding(head.content_encoding())) return std::nullopt;
  parts.refused({sender.door, "wrong_form", sender.address, sender.device});
  return problem(Problem::unknown_form,
                 "The Content-Encoding is not supported. Send the body in gzip, or uncompressed without this header.");
}

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

/// Whether the query and the body form one message. The body must contain a parameter, or the query a position: a token
/// in the query would otherwise turn any body into a form.
bool is_form_with_query(std::string_view content, std::string_view query) {
  if (has_osmand_position(query)) return true;
  if (looks_like_json(content)) return false;
  return is_osmand_form(trimmed(content).empty() ? query : content);
}

/// Ignores Content-Type: apps and scripts send the default of their library.
void settle_form(DoorBody& body, const PhoneDoor& door, const std::string& query, bool from_overland) {
  std::string& content = body.content;
  content.erase(0, content.size() - without_byte_order_mark(content).size());
  // OwnTracks deleted a friend, or the body is empty.
  const bool says_nothing = door.form == Transport::owntracks && (content.empty() || trimmed(content) == "[]");
  auto form = says_nothing ? std::optional(door.form) : form_of_phone_body(content);
  const bool is_joined = door.reads_query && is_form_with_query(content, query);
  const bool says_both = is_joined && form && looks_like_json(content);
  if (is_joined) form = Transport::osmand_form;
  if (is_joined || (door.reads_query && trimmed(content).empty())) {
    content = query + (query.empty() || content.empty() ? "" : "&") + content;
  }
  if (!form || says_both) {
    body.unreadable = says_both ? "the query has a position and the body is JSON: send one of them"
                                : "the format is unknown: see docs/formats.md for the formats of phones";
    return;
  }
  body.transport = *form == Transport::owntracks && from_overland ? Transport::owntracks_of_overland : *form;
}

/// The token in a body; "" also if JSON escapes hide it, which no app does.
std::string token_of_body(const Request& request) {
  std::string unpacked;
  std::string_view content = request.body;
  if (looks_like_gzip(content)) {
    unpacked = gunzip(content, stranger_unpacked_bytes_max).value_or("");
    content = unpacked;
  }
  content = without_byte_order_mark(content);
  if (content.size() > stranger_bytes_max) return "";
  if (!looks_like_json(content)) return token_among_parameters(content);
  const std::string token = osmand_json_identifier(content).value_or("");
  return is_token(token) && content.find(token) == std::string_view::npos ? "" : token;
}

/// The token in the head; "" if it may come in the body.
std::string checked_token(const PhoneDoor& door, const Request& head) {
  std::string token = phone_token(head);
  return door.token_in_body && !is_token(token) ? "" : token;
}

/// If the token may come in the body, waits for the body.
void check_phone(const DoorParts& parts, const PhoneDoor& door, const Request& head, const Decided& decide) {
  std::string token = checked_token(door, head);
  if (token.empty() && door.token_in_body) return decide({});
  const auto refuse = [decide, silent = deletes_on_any_answer(head)](Response response) {
    decide({.refusal = silent_on_failure(silent, std::move(response))});
  };
  auto go_on = [&parts, &door, &head, decide](DeviceNumber device) {
    const Sender sender{door.name, device, head.remote_address};
    decide({.refusal = refusal_of_encoding(parts, head, sender), .is_admitted = true, .device = device});
  };
  admit(parts, visitor_of(head, door.name, std::move(token)), refuse, std::move(go_on));
}

void take_phone(const DoorParts& parts, const PhoneDoor& door, Request request, const Reply& reply) {
  std::string token;
  if (!request.device) token = checked_token(door, request);
  if (!request.device && token.empty() && door.token_in_body) token = token_of_body(request);
  if (!request.device && token.empty()) token = phone_token(request);
  const auto answer = [reply, silent = deletes_on_any_answer(request)](Response response) {
    reply(silent_on_failure(silent, std::move(response)));
  };
  Visitor visitor = visitor_of(request, door.name, std::move(token));
  auto take = [&parts, &door, answer, request = std::move(request)](DeviceNumber device) mutable {
    const Sender sender{door.name, device, request.remote_address};
    if (auto refusal = refusal_of_encoding(parts, request, sender)) return answer(*std::move(refusal));
    const bool is_gzip = looks_like_gzip(request.body);
    const bool from_overland = is_from_overland(request);
    DoorBody body{.door = door.name,
                  .transport = door.form,
                  .content = std::move(request.body),
                  .is_gzip = is_gzip,
                  .address = std::move(request.remote_address),
                  .request_id = std::move(request.id),
                  .settle_form = [&door, query = std::move(request.query), from_overland](DoorBody& each) {
                    settle_form(each, door, query, from_overland);
                  }};
    take_body(parts, device, std::move(body), answer, phone_answer);
  };
  admit(parts, std::move(visitor), answer, std::move(take));
}

/// Answers 404 to a browser that opens the address of the server.
void check_root(const DoorParts& parts, const PhoneDoor& door, const Request& head, const Decided& decide) {
  if (head.method == Method::get && head.query.empty()) return decide({.refusal = nothing_at_path()});
  check_phone(parts, door, head, decide);
}

using Check = void (*)(const DoorParts&, const PhoneDoor&, const Request&, const Decided&);

}  // namespace

std::vector<Route> phone_doors(const std::shared_ptr<const DoorParts>& parts) {
  const std::size_t bytes_max = std::max(parts->body_bytes_max, parts->unpacked_bytes_max);
  const auto route = [&](std::string_view pattern, const PhoneDoor& door, std::vector<Method> methods,
                         Check check = check_phone) {
    Route made{.methods = std::move(methods), .pattern = pattern, .body_bytes_max = bytes_max};
    made.handler = [parts, &door](Request request, const Reply& reply) {
      take_phone(*parts, door, std::move(request), reply);
    };
    made.check = [parts, &door, check](const Request& head, const Decided& decide) {
      check(*parts, door, head, decide);
    };
    made.is_door = true;
    if (door.token_in_body) made.stranger_bytes_max = std::min(bytes_max, stranger_bytes_max);
    return made;
  };
  const std::vector<Method> post{Method::post};
  const std::vector<Method> get_or_post{Method::get, Method::post};
  return {
      route("/osmand", osmand, get_or_post),
      route("/osmand/{token}", osmand_of_token, get_or_post),
      route("/", osmand, get_or_post,
            check_root),  // the path of Traccar Client and of firmware for Traccar's port 5055
      route("/owntracks", owntracks, post),
      route("/owntracks/{token}", owntracks, post),
      route("/pub", owntracks, post),  // the path of OwnTracks Recorder
      route("/overland", overland, post),
      route("/overland/{token}", overland, post),
  };
}

}  // namespace packwalk
