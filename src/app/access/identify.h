// The only code that turns credentials into a caller.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "app/access/admin_token.h"
#include "app/devices/device_directory.h"
#include "core/access/access.h"

namespace packwalk {

/// A secret from a Bearer token, a Basic password or a query parameter.
struct ShownToken {
  std::string text;
};
/// The id of a device, from a peer that has proved it or needs no proof: a broker, a tracker's own protocol.
struct TrackerId {
  std::string text;
};
using Credentials = std::variant<ShownToken, TrackerId>;

struct Identity {
  Caller caller;                           // Nobody: memory has no holder of these credentials
  std::optional<DeviceNumber> replaced{};  // the device whose replaced token this is
  bool may_be_new = false;                 // unknown, but another process may have created it a moment ago

  bool is_known() const { return !std::holds_alternative<Nobody>(caller) || replaced.has_value(); }
};

/// Thread-safe.
class Identify {
 public:
  /// Both must outlive it. Without `admin`, only devices are known.
  explicit Identify(DeviceDirectory& directory, const AdminToken* admin = nullptr)
      : directory_(directory), admin_(admin) {}

  /// From memory, immediately.
  Identity from_memory(const Credentials& credentials) const;

  /// Runs `work` on a thread that may block, or calls `failed`. Returns false immediately if too many wait.
  using Background = std::function<bool(std::function<void()> work, std::function<void()> failed)>;
  using Identified = std::function<void(const Result<Identity>&)>;

  /// Repeats the look-up after a refresh of the directory. `since` is the arrival of the request. Calls `done` once,
  /// immediately or from another thread. Errc::overloaded, Errc::unavailable: the registry cannot be queried now.
  void look_again(Credentials credentials, std::chrono::steady_clock::time_point since, const Background& background,
                  Identified done) const;

 private:
  Identity by_token(std::string_view token) const;
  Identity by_tracker_id(std::string_view id) const;

  DeviceDirectory& directory_;
  const AdminToken* admin_;
};

}  // namespace packwalk
