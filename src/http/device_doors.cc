#include "http/device_doors.h"

#include <array>
#include <memory>
#include <utility>

#include "base/text.h"
#include "core/phone/osmand.h"
#include "http/gzip.h"
#include "http/problem.h"

namespace packwalk {
namespace {

// A phone whose token was rotated waits until somebody corrects it, and loses nothing.
constexpr int wait_for_correction_seconds = 3600;
constexpr int retry_soon_seconds = 5;

constexpr std::array packet_types = {
    std::pair{std::string_view("application/octet-stream"), Transport::http_binary},
    std::pair{std::string_view("application/json"), Transport::http_json},
    std::pair{std::string_view("application/x-ndjson"), Transport::http_ndjson},
};

/// The device behind a token, or the answer that refuses it.
using Admit = std::function<void(DeviceNumber)>;

/// Looks the token up; one that nobody knows may have been made by another process a moment ago, so the registry is
/// asked before it is refused.
void admit(const DoorParts& parts, std::string token, std::chrono::steady_clock::time_point asked_at,
           const Reply& reply, Admit admitted) {
  const auto settle = [](const TokenLookup& lookup, const Reply& answer, const Admit& go_on) {
    switch (lookup.standing) {
      case TokenStanding::valid:
        go_on(lookup.device);
        return;
      case TokenStanding::replaced:
        answer(try_again("this token was replaced by a new one", wait_for_correction_seconds));
        return;
      case TokenStanding::unknown:
        answer(unauthorized("nobody has this token"));
        return;
    }
  };
  if (token.empty()) {
    reply(unauthorized("a device shows its token: Authorization: Bearer <token>"));
    return;
  }
  const TokenLookup lookup = parts.directory.by_token(token);
  if (lookup.standing != TokenStanding::unknown) {
    settle(lookup, reply, admitted);
    return;
  }
  auto ask_registry = [&directory = parts.directory, token = std::move(token), asked_at, reply, settle,
                       admitted = std::move(admitted)] {
    if (auto refreshed = directory.refresh(asked_at); !refreshed) {
      reply(try_again("nobody can look this token up now", retry_soon_seconds));
    } else {
      settle(directory.by_token(token), reply, admitted);
    }
  };
  const auto failed = [reply] { reply(try_again("nobody can look this token up now", retry_soon_seconds)); };
  if (!parts.pool.run(std::move(ask_registry), failed)) reply(problem_of({Errc::overloaded, ""}));
}

Response answer_of(const Receipt& receipt) {
  if (receipt.unreadable) {
    return problem(400, "the body cannot be read: " + receipt.unreadable->reason, receipt.unreadable->byte_offset);
  }
  std::string json = "{\"taken\":";
  append_number(json, static_cast<std::int64_t>(receipt.taken));
  json.append(",\"invalid\":[");
  for (const Receipt::Invalid& invalid : receipt.invalid) {
    if (json.back() != '[') json.push_back(',');
    json.append("{\"index\":");
    append_number(json, static_cast<std::int64_t>(invalid.index));
    json.append(",\"field\":");
    append_json_string(json, invalid.flaw.field);
    json.append(",\"reason\":");
    append_json_string(json, invalid.flaw.reason);
    json.push_back('}');
  }
  json.append("]}");
  return {.status = 202, .content_type = "application/json", .body = std::move(json)};
}

void post_packets(const DoorParts& parts, Request request, const Reply& reply) {
  std::string token(bearer_token(request.authorization));
  const auto asked_at = request.received_at;
  auto take = [&parts, request = std::move(request), reply](DeviceNumber device) mutable {
    const std::string type = media_type(request.content_type);
    const auto* known =
        std::find_if(packet_types.begin(), packet_types.end(), [&](const auto& each) { return each.first == type; });
    if (known == packet_types.end()) {
      return reply(problem(415, "send application/json, application/x-ndjson or application/octet-stream"));
    }
    auto accepted = [reply](const Result<Receipt>& receipt) {
      reply(receipt ? answer_of(*receipt) : problem_of(receipt.error()));
    };
    const std::string encoding = lower_case(request.content_encoding);
    if (encoding.empty() || encoding == "identity") {
      return parts.packets.accept(device, known->second, std::move(request.body), accepted);
    }
    if (encoding != "gzip") return reply(problem(415, "a body is plain or has Content-Encoding: gzip"));
    auto unpacked = gunzip(request.body, parts.unpacked_bytes_max);
    if (unpacked) return parts.packets.accept(device, known->second, *std::move(unpacked), accepted);
    if (unpacked.error().code != Errc::invalid_input) return reply(problem_of(unpacked.error()));
    return parts.packets.accept(device, known->second, std::move(request.body), accepted, unpacked.error().detail);
  };
  admit(parts, std::move(token), asked_at, reply, std::move(take));
}

/// What a phone's app takes for success, whatever became of its packets.
Response phone_success(std::string content_type, std::string body) {
  return {.status = 200, .content_type = std::move(content_type), .body = std::move(body)};
}

struct PhoneMessage {
  Transport transport{};
  std::string content;
  std::string token;
};

void take_phone_message(const DoorParts& parts, const Request& request, PhoneMessage message, const Response& success,
                        const Reply& reply) {
  // Its token may stand in what it sent; what is kept must not hold it.
  std::string content = message.transport == Transport::osmand_form
                            ? form_without_secret(message.content, message.token)
                            : without_secret(message.content, message.token);
  auto take = [&parts, reply, success, transport = message.transport,
               content = std::move(content)](DeviceNumber device) mutable {
    parts.packets.accept(device, transport, std::move(content), [reply, success](const Result<Receipt>& receipt) {
      reply(receipt ? success : problem_of(receipt.error()));
    });
  };
  admit(parts, std::move(message.token), request.received_at, reply, std::move(take));
}

/// Traccar Client for iOS up to 8 deletes what it sent on any answer, 503 too: only silence makes it keep it.
Reply silent_on_failure(const Request& request, const Reply& reply) {
  if (!request.user_agent.starts_with("Traccar") || request.user_agent.find("CFNetwork") == std::string::npos) {
    return reply;
  }
  return [reply](Response response) {
    response.drop = response.status >= 500;
    reply(std::move(response));
  };
}

/// A query and a form say together what the phone says; of JSON the body alone.
PhoneMessage osmand_message(const Request& request) {
  if (media_type(request.content_type) == "application/json" && !request.body.empty()) {
    return {Transport::osmand_json, request.body, ""};
  }
  const char* between = request.query.empty() || request.body.empty() ? "" : "&";
  return {Transport::osmand_form, request.query + between + request.body, ""};
}

/// The identifier that is the token; "" also where JSON escapes hide it, as it could not be blanked in what is kept.
std::string osmand_token(const PhoneMessage& message) {
  if (message.transport == Transport::osmand_form) return osmand_form_identifier(message.content).value_or("");
  const std::string token = osmand_json_identifier(message.content).value_or("");
  return message.content.find(token) == std::string::npos ? "" : token;
}

void osmand(const DoorParts& parts, const Request& request, const Reply& reply) {
  PhoneMessage message = osmand_message(request);
  message.token = bearer_token(request.authorization);
  if (message.token.empty() && !request.parameters.empty()) message.token = request.parameters[0];
  if (message.token.empty()) message.token = osmand_token(message);
  take_phone_message(parts, request, std::move(message), phone_success("text/plain", ""),
                     silent_on_failure(request, reply));
}

constexpr const char* overland_success = R"({"result":"ok"})";

void owntracks(const DoorParts& parts, const Request& request, const Reply& reply) {
  PhoneMessage message{Transport::owntracks, request.body, basic_password(request.authorization)};
  if (message.token.empty()) message.token = bearer_token(request.authorization);
  if (message.token.empty() && !request.parameters.empty()) message.token = request.parameters[0];
  const bool from_overland = request.user_agent.starts_with("Overland");
  take_phone_message(parts, request, std::move(message),
                     phone_success("application/json", from_overland ? overland_success : "[]"), reply);
}

void overland(const DoorParts& parts, const Request& request, const Reply& reply) {
  PhoneMessage message{Transport::overland, request.body, std::string(bearer_token(request.authorization))};
  if (message.token.empty() && !request.parameters.empty()) message.token = request.parameters[0];
  take_phone_message(parts, request, std::move(message), phone_success("application/json", overland_success), reply);
}

}  // namespace

std::vector<Route> device_doors(DoorParts parts) {
  const auto shared = std::make_shared<const DoorParts>(parts);
  const auto door = [&](auto handle) -> Handler {
    return [shared, handle](Request request, const Reply& reply) { handle(*shared, std::move(request), reply); };
  };
  const std::vector<Method> post{Method::post};
  const std::vector<Method> get_or_post{Method::get, Method::post};
  return {
      {post, "/v1/packets", door(post_packets), parts.body_bytes_max, nullptr, true},
      {get_or_post, "/osmand", door(osmand), parts.body_bytes_max, nullptr, true},
      {get_or_post, "/osmand/{token}", door(osmand), parts.body_bytes_max, nullptr, true},
      {post, "/", door(osmand), parts.body_bytes_max, nullptr, true},  // Traccar Client's default path
      {post, "/owntracks", door(owntracks), parts.body_bytes_max, nullptr, true},
      {post, "/owntracks/{token}", door(owntracks), parts.body_bytes_max, nullptr, true},
      {post, "/overland", door(overland), parts.body_bytes_max, nullptr, true},
      {post, "/overland/{token}", door(overland), parts.body_bytes_max, nullptr, true},
  };
}

}  // namespace packwalk
