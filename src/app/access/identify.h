// Who sends a request: the only place that turns credentials into a caller.
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

/// A secret, wherever it stood: a Bearer token, a Basic password, a parameter of a query.
struct ShownToken {
  std::string text;
};
/// The id of a device, from a peer that has proved it before or needs no proof: a broker, a tracker's own protocol.
struct TrackerId {
  std::string text;
};
using Credentials = std::variant<ShownToken, TrackerId>;

struct Identity {
  Caller caller;                           // Nobody: memory knows no holder of these credentials
  std::optional<DeviceNumber> replaced{};  // whose token this was, until it was replaced by a new one
  bool may_be_new = false;                 // nobody's, but another process may have made it a moment ago

  bool is_known() const { return !std::holds_alternative<Nobody>(caller) || replaced.has_value(); }
};

/// Thread-safe.
class Identify {
 public:
  /// Both must outlive it. Without `admin`, where only devices may come, nobody is the administrator.
  explicit Identify(DeviceDirectory& directory, const AdminToken* admin = nullptr)
      : directory_(directory), admin_(admin) {}

  /// From memory, at once.
  Identity from_memory(const Credentials& credentials) const;

  /// Runs `work` on a thread that may block, or `failed` where that cannot be; false, at once, where too much waits.
  using Background = std::function<bool(std::function<void()> work, std::function<void()> failed)>;
  using Identified = std::function<void(const Result<Identity>&)>;

  /// Looks again after a refresh of the directory. `since`: when the request came. Calls `done` once, at once or from
  /// another thread: Errc::overloaded or Errc::unavailable when the registry cannot be queried now.
  void look_again(Credentials credentials, std::chrono::steady_clock::time_point since, const Background& background,
                  Identified done) const;

 private:
  Identity by_token(std::string_view token) const;
  Identity by_tracker_id(std::string_view id) const;

  DeviceDirectory& directory_;
  const AdminToken* admin_;
};

}  // namespace packwalk
