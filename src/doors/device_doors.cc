#include "doors/device_doors.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "doors/door_body.h"
#include "doors/phone_doors.h"
#include "http/gzip.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::string_view door_name = "packets";

constexpr std::array packet_types = {
    std::pair{std::string_view("application/octet-stream"), Transport::http_binary},
    std::pair{std::string_view("application/json"), Transport::http_json},
    std::pair{std::string_view("application/x-ndjson"), Transport::http_ndjson},
};

/// The format of a request's body; empty: it cannot be read.
struct Form {
  std::optional<Transport> transport;
  bool is_gzip = false;
  bool is_plain = false;
};

Form form_of(const Request& head) {
  Form form;
  const std::string type = media_type(head.content_type());
  const auto* known =
      std::find_if(packet_types.begin(), packet_types.end(), [&](const auto& each) { return each.first == type; });
  if (known != packet_types.end()) form.transport = known->second;
  const std::string encoding = lower_case(head.content_encoding());
  form.is_plain = encoding.empty() || encoding == "identity";
  form.is_gzip = encoding == "gzip";
  return form;
}

/// 415, or nothing for a supported format.
std::optional<Response> refusal_of(const Form& form) {
  if (!form.transport) {
    return problem(Problem::unknown_form,
                   "The Content-Type is not supported. Send application/json, application/x-ndjson or "
                   "application/octet-stream; with curl: -H 'Content-Type: application/json'");
  }
  if (!form.is_plain && !form.is_gzip)
    return problem(
        Problem::unknown_form,
        "The Content-Encoding is not supported. Send the body in gzip, or uncompressed without this header.");
  return std::nullopt;
}

void write_invalid(JsonWriter& json, const Receipt::Invalid& invalid) {
  json.object([&] {
    json.member("index", invalid.index);
    if (invalid.last > invalid.index) json.member("last", invalid.last);
    json.member("field", invalid.flaw.field.empty() ? std::nullopt : std::optional(invalid.flaw.field));
    json.member("reason", invalid.flaw.reason);
  });
}

Response answer_of(const Receipt& receipt, Transport /*transport*/) {
  if (receipt.unreadable) return unreadable_body(*receipt.unreadable);
  JsonWriter json;
  json.object([&] {
    json.member("taken_count", receipt.taken);
    json.array("invalid", [&] {
      for (const Receipt::Invalid& invalid : receipt.invalid) write_invalid(json, invalid);
    });
    if (receipt.invalid_count > Receipt::invalid_listed_max) json.member("invalid_count", receipt.invalid_count);
  });
  return {.status = 202, .content_type = "application/json", .body = json.take()};
}

Visitor visitor_of(const Request& request) {
  return visitor_of(request, door_name, std::string(bearer_token(request.authorization())));
}

/// 415 and so on for a known device, or nothing.
std::optional<Response> refuse_form(const DoorParts& parts, const Form& form, const Sender& sender) {
  auto refusal = refusal_of(form);
  if (refusal) parts.refused({sender.door, "wrong_form", sender.address, sender.device});
  return refusal;
}

void check_packets(const DoorParts& parts, const Request& head, const Decided& decide) {
  const auto refuse = [decide](Response response) { decide({.refusal = std::move(response)}); };
  admit(parts, visitor_of(head), refuse, [&parts, &head, decide, form = form_of(head)](DeviceNumber device) {
    auto refusal = refuse_form(parts, form, {door_name, device, head.remote_address});
    decide({.refusal = std::move(refusal), .is_admitted = true, .device = device});
  });
}

void post_packets(const DoorParts& parts, Request request, const Reply& reply) {
  Visitor visitor = visitor_of(request);
  auto take = [&parts, form = form_of(request), content = std::move(request.body),
               address = std::move(request.remote_address), id = std::move(request.id),
               reply](DeviceNumber device) mutable {
    if (auto refusal = refuse_form(parts, form, {door_name, device, address})) return reply(*std::move(refusal));
    const bool is_gzip = form.is_gzip || looks_like_gzip(content);
    DoorBody body{.door = door_name,
                  .transport = *form.transport,
                  .content = std::move(content),
                  .is_gzip = is_gzip,
                  .address = std::move(address),
                  .request_id = std::move(id)};
    take_body(parts, device, std::move(body), reply, answer_of);
  };
  admit(parts, std::move(visitor), reply, std::move(take));
}

}  // namespace

std::vector<Route> device_doors(DoorParts parts) {
  const auto shared = std::make_shared<const DoorParts>(std::move(parts));
  const Handler take = [shared](Request request, const Reply& reply) {
    post_packets(*shared, std::move(request), reply);
  };
  const HeadCheck check = [shared](const Request& head, const Decided& decide) {
    check_packets(*shared, head, decide);
  };
  std::vector<Route> doors{{{Method::post}, "/v1/packets", take, shared->body_bytes_max, check, true}};
  std::vector<Route> phones = phone_doors(shared);
  doors.insert(doors.end(), std::make_move_iterator(phones.begin()), std::make_move_iterator(phones.end()));
  return doors;
}

}  // namespace packwalk
