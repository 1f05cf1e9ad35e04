// Identifies the sender and checks its limits, for all doors.
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

/// The parts that the doors need. main owns them, and they outlive every request.
struct DoorParts {
  const AcceptPackets& packets;
  DeviceDirectory& directory;
  BlockingPool& pool;                                  // queries the registry
  BodyPool& bodies;                                    // unpacks and decodes large bodies
  std::size_t unpacked_bytes_max = 8UL * 1024 * 1024;  // of a gzip body
  std::size_t body_bytes_max = 1024UL * 1024;
  FailedLogIns* failed_log_ins = nullptr;  // null: no limit and no count
  /// Called for each device that a limit refuses, with the door; the names are literals.
  std::function<void(std::string_view door, std::string_view limit)> limited = [](std::string_view, std::string_view) {
  };
  /// Called with exceptions of the work on a body.
  ReportJobFault job_failed = [](const JobFault&) {};
  /// Called for everything of a known device that is refused or not valid.
  std::function<void(const Refusal&)> refused = [](const Refusal&) {};
};

/// The sender of a request, and its token.
struct Visitor {
  std::string_view door;
  std::string token;    // empty: no token
  std::string address;  // of the sender
  std::chrono::steady_clock::time_point asked_at;
  std::optional<DeviceNumber> device{};  // the device that it has proved to be, so that it needs no token
  std::string request_id{};
};

/// The sender of `request`, or of its head, with `token`.
Visitor visitor_of(const Request& request, std::string_view door, std::string token);

/// Calls one of the two, immediately or from another thread. `refuse` gets 401 for a missing, malformed or unknown
/// token, and 503 for a replaced token or a device that has reached a limit. A visitor with a known device has passed
/// these checks before.
void admit(const DoorParts& parts, Visitor visitor, const Reply& refuse, std::function<void(DeviceNumber)> admitted);

/// A device that sends a body.
struct Sender {
  std::string_view door;
  DeviceNumber device;
  std::string_view address;
};

/// 503 for a device that has sent too much. Counts the refusal.
Response refuse_for_now(const DoorParts& parts, const Sender& sender, const LimitReached& reached);

}  // namespace packwalk
