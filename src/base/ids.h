// The id and the number of a device.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// The text id of a device: `[A-Za-z0-9_-]{1,64}`, which URLs, topics and routing keys can contain.
class DeviceId {
 public:
  /// Errc::invalid_input: it is not valid; the detail is a sentence.
  static Result<DeviceId> from_text(std::string_view text);

  const std::string& text() const { return text_; }
  friend auto operator<=>(const DeviceId&, const DeviceId&) = default;

 private:
  explicit DeviceId(std::string_view text) : text_(text) {}
  std::string text_;
};

/// The number of a device: positive, stable, never reused, below 2^53. Rows are keyed by it.
struct DeviceNumber {
  std::int64_t value = 0;
  friend auto operator<=>(DeviceNumber, DeviceNumber) = default;
};

}  // namespace packwalk

template <>
struct std::hash<packwalk::DeviceNumber> {
  std::size_t operator()(packwalk::DeviceNumber number) const noexcept {
    return std::hash<std::int64_t>{}(number.value);
  }
};
