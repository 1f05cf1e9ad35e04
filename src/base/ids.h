// What names a device.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// The text id of a device: `[A-Za-z0-9_-]{1,64}`, so that it can stand in URLs, topics and routing keys.
class DeviceId {
 public:
  /// Errc::invalid_input with a sentence that says what is wrong.
  static Result<DeviceId> from_text(std::string_view text);

  const std::string& text() const { return text_; }
  friend auto operator<=>(const DeviceId&, const DeviceId&) = default;

 private:
  explicit DeviceId(std::string_view text) : text_(text) {}
  std::string text_;
};

/// The number of a device: positive, stable, never given twice, below 2^53. Rows are keyed by it.
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
