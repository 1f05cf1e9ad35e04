#include "base/ids.h"

#include <algorithm>

#include "base/ascii.h"

namespace packwalk {
namespace {

constexpr std::size_t device_id_length_max = 64;

bool permitted(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }

}  // namespace

Result<DeviceId> DeviceId::from_text(std::string_view text) {
  if (text.empty() || text.size() > device_id_length_max || !std::all_of(text.begin(), text.end(), permitted)) {
    return fail(Errc::invalid_input, "a device id must have 1 to 64 characters of A-Z, a-z, 0-9, _ and -");
  }
  return DeviceId(text);
}

}  // namespace packwalk
