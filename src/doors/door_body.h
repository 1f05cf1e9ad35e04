// What the doors do with a body once its device is known: unpack it, blank tokens, hand it on, answer.
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
  std::string unreadable{};  // why the content is in no form that the door knows
  /// Where the head does not say in which form the content is: finds out when it is unpacked, on any thread.
  std::function<void(DoorBody&)> settle_form = nullptr;
};

/// The answer of a door for what was kept, of a body in that form.
using AnswerOf = std::function<Response(const Receipt&, Transport)>;

/// 400 for a body of which not one packet could be told, with the place where reading ended.
Response unreadable_body(const Unreadable& why);

/// Whether a body of that Content-Encoding can be read here.
bool is_known_encoding(std::string_view content_encoding);

/// A small body is taken at once, a large one on the pool for bodies. Answers once, with `answer` or an error.
void take_body(const DoorParts& parts, DeviceNumber device, DoorBody body, const Reply& reply, AnswerOf answer);

}  // namespace packwalk
