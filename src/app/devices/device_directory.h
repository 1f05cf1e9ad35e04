// Who is who: devices by token, id and number, in memory, kept up with the registry.
#pragma once

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/state/fix.h"
#include "ports/device_registry.h"

namespace packwalk {

enum class TokenStanding { unknown, valid, replaced };

struct TokenLookup {
  TokenStanding standing = TokenStanding::unknown;
  DeviceNumber device;  // unless unknown
};

/// Thread-safe. Look-ups do not block on the registry; refresh() does.
class DeviceDirectory {
 public:
  explicit DeviceDirectory(std::unique_ptr<DeviceRegistry> registry);
  ~DeviceDirectory();

  TokenLookup by_token(std::string_view token) const;
  /// Removed devices too: their history stays.
  std::optional<DeviceNumber> by_id(std::string_view id) const;
  /// "" for a number that nobody has, and for a removed device. Good as long as the directory.
  std::string_view id_of(DeviceNumber device) const;
  /// The same of many at once, each at the index of its position.
  std::vector<std::string_view> ids_of(std::span<const DevicePosition> positions) const;
  /// The same as id_of(), of removed devices too.
  std::string_view id_ever_of(DeviceNumber device) const;
  std::optional<RegisteredDevice> find(std::string_view id) const;
  std::size_t size() const;

  /// Learns what other processes changed, unless that was tried after `since`: then its outcome counts. Blocks, within
  /// the limits of the thread (base/work_limits.h).
  Result<void> refresh(std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now());

  /// What `look` finds in memory; where it finds nothing, what it finds after refresh(since), which blocks: another
  /// process may have made it a moment ago. `look` returns what is false where there is nothing.
  template <std::invocable Look>
  Result<std::invoke_result_t<Look>> look_again(const Look& look, std::chrono::steady_clock::time_point since) {
    auto found = look();
    if (found) return found;
    if (auto refreshed = refresh(since); !refreshed) return refreshed.failure();
    return look();
  }

 private:
  class Table;
  std::unique_ptr<Table> table_;
};

}  // namespace packwalk
