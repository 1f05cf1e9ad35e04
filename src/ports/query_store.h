// Port: what is asked of the store. Contract: tests/contract/query_store_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/state/current_state.h"

namespace packwalk {

/// Half-open: from <= t < until.
struct TimeRange {
  DeviceTime from{};
  DeviceTime until{};
};

/// A message as it is kept.
struct StoredMessage {
  ServerTime received_at{};
  std::uint32_t ordinal = 0;
  Transport transport{};
  Verdict verdict{};
  std::string reason;
  ContentHash hash = 0;
  std::string content;
};

/// The place of a message in the order of arrival.
struct MessagePlace {
  ServerTime received_at{};
  std::uint32_t ordinal = 0;

  friend auto operator<=>(const MessagePlace&, const MessagePlace&) = default;
};

/// Thread-safe; calls block, and never hold up a writer. Errc::unavailable: try again.
class QueryStore {
 public:
  virtual ~QueryStore() = default;

  /// Fixes in `range`, by time, at most `limit`.
  virtual Result<std::vector<Fix>> fixes(DeviceNumber device, TimeRange range, std::size_t limit) = 0;
  virtual Result<std::vector<Sample>> samples(DeviceNumber device, TimeRange range, std::size_t limit) = 0;

  /// Messages that arrived after `after`, in the order of arrival, those of one verdict, or all; at most `limit`, and
  /// fewer, but one at least, where they are large. None: there are no more.
  virtual Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                                      MessagePlace after, std::size_t limit) = 0;

  /// A fresh state for a device that was never heard.
  virtual Result<CurrentState> state(DeviceNumber device) = 0;

  virtual Result<std::vector<StaleWindow>> stale_windows(DeviceNumber device) = 0;

  /// The last fix of every device that has one, in the order of their numbers.
  virtual Result<void> each_position(const std::function<void(const DevicePosition&)>& take) = 0;
};

}  // namespace packwalk
