// Port: the devices and the hashes of their tokens. Contract: tests/contract/device_registry_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/token.h"
#include "base/units.h"

namespace packwalk {

struct NewDevice {
  DeviceId id;
  TokenHash token;
};

struct RegisteredDevice {
  DeviceNumber number;
  DeviceId id;
  ServerTime created_at{};
  std::optional<ServerTime> removed_at;
};

/// The current record of a device, with all its former tokens.
struct DeviceRecord {
  RegisteredDevice device;
  std::optional<TokenHash> token;          // empty for a removed device
  std::vector<TokenHash> replaced_tokens;  // former tokens, which were rotated
};

using DeviceKey = std::variant<DeviceId, DeviceNumber>;

using TakeDevice = std::function<void(const DeviceRecord&)>;
using ForgetDevice = std::function<void(DeviceNumber)>;
inline void leave_out(DeviceNumber) {}  // an erased device that the reader need not know

/// Calls block; one thread, but other processes may write too. Errc::unavailable: try again.
class DeviceRegistry {
 public:
  virtual ~DeviceRegistry() = default;

  /// Adds all or none. A removed id comes back as the same device, with its history and a new token; an erased id
  /// becomes another device. Errc::conflict: an id exists or is being erased; the detail names it.
  virtual Result<void> add(std::span<const NewDevice> devices, ServerTime now) = 0;

  /// Replaces its token, and keeps the old one as replaced. Errc::not_found: there is no such device.
  virtual Result<void> replace_token(const DeviceId& id, const TokenHash& token, ServerTime now) = 0;

  /// Invalidates its tokens; its data stays. Errc::not_found: there is no such device.
  virtual Result<void> remove(const DeviceId& id, ServerTime now) = 0;

  /// A device, also a removed one. Empty if it does not exist, is erased or is being erased.
  virtual Result<std::optional<DeviceRecord>> find(const DeviceKey& key) = 0;

  /// Calls `take` with every device that changed after `revision` (0: all), and `forget` with every device whose
  /// erasure has begun or ended, in the order of their numbers. Returns the current revision.
  virtual Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take,
                                             const ForgetDevice& forget) = 0;
};

}  // namespace packwalk
