// Port: which devices there are, and the hashes of their tokens. Contract: tests/contract/device_registry_test.cc.
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

/// A device as it now stands, with every token it ever had.
struct DeviceRecord {
  RegisteredDevice device;
  std::optional<TokenHash> token;          // none for a removed device
  std::vector<TokenHash> replaced_tokens;  // valid once, until they were rotated
};

using DeviceKey = std::variant<DeviceId, DeviceNumber>;

using TakeDevice = std::function<void(const DeviceRecord&)>;
using ForgetDevice = std::function<void(DeviceNumber)>;
inline void leave_out(DeviceNumber) {}  // for who knew nothing of an erased device

/// Calls block; one thread, though other processes may write beside it. Errc::unavailable: try again.
class DeviceRegistry {
 public:
  virtual ~DeviceRegistry() = default;

  /// All or none. A removed id comes back as the device it was, with its history and a new token, that of
  /// an erased one as another device. Errc::conflict when an id is there already, or is being erased, which the detail
  /// names.
  virtual Result<void> add(std::span<const NewDevice> devices, ServerTime now) = 0;

  /// The token before is remembered as replaced. Errc::not_found.
  virtual Result<void> replace_token(const DeviceId& id, const TokenHash& token, ServerTime now) = 0;

  /// Its tokens no longer count; whatever it sent stays. Errc::not_found.
  virtual Result<void> remove(const DeviceId& id, ServerTime now) = 0;

  /// A device, removed or not; nothing where there is none, or where it is being erased or was.
  virtual Result<std::optional<DeviceRecord>> find(const DeviceKey& key) = 0;

  /// Calls `take` with every device that was changed after `revision` (0: all), and `forget` with every one whose
  /// erasure was begun or ended, in the order of their numbers; returns the revision now.
  virtual Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take,
                                             const ForgetDevice& forget) = 0;
};

}  // namespace packwalk
