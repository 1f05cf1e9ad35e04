// What the doors do with a body once its device is known: unpack it, blank tokens, hand it on, answer.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "http/device_admission.h"

namespace packwalk {

struct DoorBody {
  std::string_view door;
  Transport transport{};
  std::string content;
  bool is_gzip = false;
  std::string address{};  // where it came from
};

/// The answer of a door for what was kept.
using AnswerOf = std::function<Response(const Receipt&)>;

/// A small body is taken at once, a large one on the pool for bodies. Answers once, with `answer` or an error.
void take_body(const DoorParts& parts, DeviceNumber device, DoorBody body, const Reply& reply, AnswerOf answer);

}  // namespace packwalk
