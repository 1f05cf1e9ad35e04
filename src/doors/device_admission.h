// Who sends, and whether it may: what all doors for devices ask first.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "app/devices/device_directory.h"
#include "app/ingest/accept_packets.h"
#include "doors/body_pool.h"
#include "doors/refusals.h"
#include "http/blocking_pool.h"
#include "http/exchange.h"
#include "http/failed_log_ins.h"

namespace packwalk {

/// What the doors need; main owns all of it, and it outlives every request.
struct DoorParts {
  const AcceptPackets& packets;
  DeviceDirectory& directory;
  BlockingPool& pool;                                  // asks the registry
  BodyPool& bodies;                                    // unpacks and decodes large bodies
  std::size_t unpacked_bytes_max = 8UL * 1024 * 1024;  // of a gzip body
  std::size_t body_bytes_max = 1024UL * 1024;
  FailedLogIns* failed_log_ins = nullptr;  // none: no limit, and nobody counts
  /// Told of each device that a limit refused, at which door; the names are literals.
  std::function<void(std::string_view door, std::string_view limit)> limited = [](std::string_view, std::string_view) {
  };
  /// Told what the work on a body throws.
  ReportJobFault job_failed = [](const JobFault&) {};
  /// Told of everything of a known device that is refused or not valid.
  std::function<void(const Refusal&)> refused = [](const Refusal&) {};
};

/// Whoever stands before a door, and the token that it shows.
struct Visitor {
  std::string_view door;
  std::string token;    // empty: it shows none
  std::string address;  // where it sends from
  std::chrono::steady_clock::time_point asked_at;
  std::optional<DeviceNumber> device{};  // whose token it has shown before: it need not show one again
  std::string request_id{};
};

/// Whoever sends `request`, or its head, and shows `token` in it.
Visitor visitor_of(const Request& request, std::string_view door, std::string token);

/// Calls one of the two, at once or from another thread: `refuse` with 401 for no token, for text that is no token and
/// for a token that no device has, and with 503 for one that was replaced or whose device has reached a limit. A
/// visitor whose device is known has passed all that before.
void admit(const DoorParts& parts, Visitor visitor, const Reply& refuse, std::function<void(DeviceNumber)> admitted);

/// A device that is sending.
struct Sender {
  std::string_view door;
  DeviceNumber device;
  std::string_view address;
};

/// 503 for a device that has sent too much, and counts it.
Response refuse_for_now(const DoorParts& parts, const Sender& sender, const LimitReached& reached);

}  // namespace packwalk
