#include "doors/door_body.h"

#include <memory>
#include <utility>

#include "base/text.h"
#include "doors/blank_tokens.h"
#include "http/gzip.h"
#include "http/problem.h"

namespace packwalk {
namespace {

// The size of most uploads, some hundred records. Any content of this size decodes in less than a millisecond.
constexpr std::size_t at_once_bytes_max = std::size_t{16} * 1024;
// Smaller, because it may cost its sender next to nothing.
constexpr std::size_t unpacked_at_once_bytes_max = std::size_t{4} * 1024;

struct Unpacking {
  Result<std::string> content;
  std::string readable;  // of a body that could be unpacked only partly
};

Unpacking unpack(std::string_view packed, std::size_t bytes_max) {
  std::string readable;
  auto content = gunzip(packed, bytes_max, &readable);
  return {std::move(content), std::move(readable)};
}

/// The answer for a body that the device must send again or correct. A fault of the server is never reported as one of
/// the device.
Response problem_of_door(const Error& error) {
  if (error.code == Errc::not_found) return problem_of({Errc::unavailable, ""});
  return problem_of(error);
}

Response unpacked_too_large(const DoorParts& parts) {
  return problem(Problem::too_large, "The unpacked body is too large. Send at most " +
                                         std::to_string(parts.packets.packets_max()) + " packets and " +
                                         std::to_string(parts.unpacked_bytes_max) + " bytes, and at most " +
                                         std::to_string(gzip_ratio_max) + " times the packed bytes.");
}

/// One body that a door processes.
struct Way {
  const DoorParts& parts;
  DeviceNumber device;
  std::string_view door;
  std::string address;
  Reply reply;
  AnswerOf answer;

  Sender sender() const { return {door, device, address}; }
};
using Passage = std::shared_ptr<const Way>;

void note(const Way& way, std::string_view reason, std::string_view detail = {}) {
  way.parts.refused({way.door, reason, way.address, way.device, detail});
}

/// Reports the flaw in any case: some apps take every answer as success, so only the operator can see the flaw.
void note_flaws(const Way& way, const Receipt& receipt) {
  if (receipt.unreadable) {
    note(way, "unreadable", receipt.unreadable->reason);
  } else if (!receipt.invalid.empty()) {
    const Flaw& flaw = receipt.invalid.front().flaw;
    note(way, "invalid", flaw.field.empty() ? flaw.reason : flaw.field + " " + flaw.reason);
  }
}

void settle_form(DoorBody& body) {
  if (body.settle_form) std::exchange(body.settle_form, nullptr)(body);
}

void hand_on(const Passage& passage, DoorBody body, Wrapping wrapping, BodyPool::Turn turn) {
  if (wrapping.unreadable.empty()) wrapping.unreadable = std::move(body.unreadable);
  auto accepted = [passage, transport = body.transport, turn = std::move(turn)](const Result<Receipt>& receipt) {
    if (!receipt) {
      if (receipt.error().code == Errc::too_large) note(*passage, "too_large");
      passage->reply(problem_of_door(receipt.error()));
    } else if (receipt->refused) {
      passage->reply(refuse_for_now(passage->parts, passage->sender(), *receipt->refused));
    } else {
      note_flaws(*passage, *receipt);
      passage->reply(passage->answer(*receipt, transport));
    }
  };
  passage->parts.packets.accept(passage->device, body.transport, std::move(body.content), accepted, wrapping);
}

void take_plain(const Passage& passage, DoorBody body, BodyPool::Turn turn) {
  settle_form(body);
  blank_tokens(body.content);
  hand_on(passage, std::move(body), {}, std::move(turn));
}

/// If a packed body contains a token, in its content or in a field of the gzip header, the packed form is not kept.
void take_unpacked(const Passage& passage, DoorBody body, Unpacking unpacking, BodyPool::Turn turn) {
  Wrapping wrapping{.packed_bytes = body.content.size()};
  if (unpacking.content) {
    std::string packed = std::exchange(body.content, *std::move(unpacking.content));
    settle_form(body);
    const bool had_token = blank_tokens(body.content);
    const bool had_packed_token = blank_tokens(packed);
    if (!had_token && !had_packed_token) wrapping.packed = std::move(packed);
  } else if (unpacking.content.error().code == Errc::invalid_input) {
    wrapping.unreadable = unpacking.content.error().detail;
    if (blank_tokens(unpacking.readable)) {
      wrapping.unreadable.append("; the readable part is kept");
      body.content = std::move(unpacking.readable);
    } else {
      blank_tokens(body.content);
    }
  } else {
    passage->parts.packets.count_too_large(passage->device);
    note(*passage, "too_large");
    return passage->reply(unpacked_too_large(passage->parts));
  }
  hand_on(passage, std::move(body), std::move(wrapping), std::move(turn));
}

}  // namespace

Response unreadable_body(const Unreadable& why) {
  return problem(Problem::unreadable_body, "The body cannot be read: " + why.reason, {.byte_offset = why.byte_offset});
}

bool is_known_encoding(std::string_view content_encoding) {
  const std::string encoding = lower_case(trimmed(content_encoding));
  return encoding.empty() || encoding == "identity" || encoding == "gzip" || encoding == "x-gzip";
}

void take_body(const DoorParts& parts, DeviceNumber device, DoorBody body, const Reply& reply, AnswerOf answer) {
  const Passage passage =
      std::make_shared<const Way>(Way{parts, device, body.door, std::move(body.address), reply, std::move(answer)});
  if (!body.is_gzip && body.content.size() <= at_once_bytes_max) return take_plain(passage, std::move(body), {});
  if (body.is_gzip && body.content.size() <= unpacked_at_once_bytes_max) {
    Unpacking unpacking = unpack(body.content, unpacked_at_once_bytes_max);
    const bool is_large = !unpacking.content && unpacking.content.error().code == Errc::too_large;
    if (!is_large) return take_unpacked(passage, std::move(body), std::move(unpacking), {});
  }
  const std::size_t bytes = body.content.size();
  const std::string request_id = body.request_id;
  auto work = [passage, body = std::move(body)](const BodyPool::Turn& turn) mutable {
    // Other requests of the device may have reached a limit since the head was read.
    if (const auto reached = passage->parts.packets.limit_of(passage->device)) {
      return passage->reply(refuse_for_now(passage->parts, passage->sender(), *reached));
    }
    if (!body.is_gzip) return take_plain(passage, std::move(body), turn);
    Unpacking unpacking = unpack(body.content, passage->parts.unpacked_bytes_max);
    take_unpacked(passage, std::move(body), std::move(unpacking), turn);
  };
  const auto failed = [reply, report = parts.job_failed, request_id](std::string_view what) {
    report({"bodies", request_id, what});
    reply(problem_of({Errc::unavailable, ""}));
  };
  if (parts.bodies.run(device, bytes, std::move(work), failed)) return;
  parts.limited(passage->door, "bodies");
  note(*passage, "bodies_limit");
  reply(try_again(Problem::overloaded, "The server is reading too many large bodies. Send the request again."));
}

}  // namespace packwalk
