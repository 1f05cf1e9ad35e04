// Processes a body of a known device: unpacks it, blanks tokens, passes it on, and answers.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "doors/device_admission.h"

namespace packwalk {

struct DoorBody {
  std::string_view door;
  Transport transport{};
  std::string content;
  bool is_gzip = false;
  std::string address{};  // where it came from
  std::string request_id{};
  std::string unreadable{};  // the reason why the format of the content is not supported
  /// If the head does not name the format of the content, finds it after unpacking, on any thread.
  std::function<void(DoorBody&)> settle_form = nullptr;
};

/// The answer of a door for the result of a body in that format.
using AnswerOf = std::function<Response(const Receipt&, Transport)>;

/// 400 for a body without a readable packet, with the offset where reading ended.
Response unreadable_body(const Unreadable& why);

/// Whether the door supports that Content-Encoding.
bool is_known_encoding(std::string_view content_encoding);

/// Processes a small body immediately, a large one on the body pool. Answers once, with `answer` or an error.
void take_body(const DoorParts& parts, DeviceNumber device, DoorBody body, const Reply& reply, AnswerOf answer);

}  // namespace packwalk
