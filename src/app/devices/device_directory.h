// Devices by token, id and number, in memory, in step with the registry.
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
  /// Includes removed devices, because their history stays.
  std::optional<DeviceNumber> by_id(std::string_view id) const;
  /// "" for an unknown number or a removed device. Valid as long as the directory.
  std::string_view id_of(DeviceNumber device) const;
  /// The same for many numbers, each result at the index of its number.
  std::vector<std::string_view> ids_of(std::span<const DevicePosition> positions) const;
  /// Like id_of(), but includes removed devices.
  std::string_view id_ever_of(DeviceNumber device) const;
  std::optional<RegisteredDevice> find(std::string_view id) const;
  std::size_t size() const;

  /// Reads the changes of other processes. If a refresh began after `since`, returns its result instead. Blocks, within
  /// the limits of the thread (base/work_limits.h).
  Result<void> refresh(std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now());

  /// The result of `look` in memory. If it is false, calls refresh(since), which blocks, and `look` again: another
  /// process may have added the device a moment ago.
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
