// Collects refusals, to log them once per minute and to keep the last one of each device.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ports/device_health.h"

namespace packwalk {

/// One request that was refused, or had an invalid packet. Holds no secret.
struct Refusal {
  std::string_view door;    // a literal: "osmand"; "" if no door was found
  std::string_view reason;  // a literal: "unknown_token"
  std::string_view address{};
  std::optional<DeviceNumber> device{};
  std::string_view detail{};
  bool apart_by_detail = false;  // whether each detail has a series of its own; only for few details
};

/// The count of refusals with the same door, reason, address and, if known, device. The detail is that of one of them,
/// or of all.
struct RefusalReport {
  std::string_view door;
  std::string_view reason;
  std::string address;
  std::optional<DeviceNumber> device;
  std::string detail;
  std::size_t count = 0;
};

/// Thread-safe. Ordinary packets do not pass it. Its memory is bounded: beyond `reports_max` series, further ones share
/// one report without an address; beyond `device_reports_max` devices, further ones share one per address without a
/// device.
class Refusals {
 public:
  static constexpr std::size_t reports_max = 256;
  static constexpr std::size_t device_reports_max = 128;
  static constexpr std::size_t devices_max = 10'000;
  static constexpr std::size_t early_max = 100;
  using Time = std::chrono::steady_clock::time_point;
  using Report = std::function<void(const RefusalReport&)>;
  using Keep = std::function<Result<void>(std::span<const DeviceRefusal>)>;
  enum class Due { at_intervals, all };

  explicit Refusals(Report report) : report_(std::move(report)) {}

  void note(const Refusal& refusal, ServerTime at, Time now = std::chrono::steady_clock::now());

  /// Reports series whose last report is more than a minute old. Call it from time to time, so that the end of a series
  /// is reported too.
  void report_rest(Time now = std::chrono::steady_clock::now());

  /// Passes the last refusal of each device to `keep`, if it is new and a minute has passed since the previous one, or
  /// 5 seconds if its door or reason differ; or all new ones. Of those that come before their minute, one call passes
  /// at most `early_max`. If `keep` fails, the next call retries. For one thread at a time.
  Result<void> keep_device_refusals(const Keep& keep, Due due = Due::at_intervals,
                                    Time now = std::chrono::steady_clock::now());

 private:
  /// The key of a series.
  struct Key {
    std::string_view door;
    std::string_view reason;
    std::string address;
    std::optional<DeviceNumber> device;
    std::string detail;  // "" unless it keeps series apart

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Series {
    std::string detail;
    std::size_t unreported = 0;
    Time reported_at{};
  };
  using AllSeries = std::map<Key, Series>;
  struct OfDevice {
    DeviceRefusal last;
    bool is_kept = false;
    std::optional<Time> kept_at;  // `last` or an earlier one
    std::string kept_door;
    std::string kept_reason;

    bool has_changed() const { return last.door != kept_door || last.reason != kept_reason; }
  };

  void note_device(const Refusal& refusal, ServerTime at);
  AllSeries::iterator series_of(const Refusal& refusal);
  std::vector<DeviceRefusal> device_refusals_due(Due due, Time now);
  static RefusalReport report_of(AllSeries::value_type& one, Time now);

  const Report report_;
  std::mutex mutex_;
  AllSeries series_;                          // guarded by mutex_
  std::size_t device_series_ = 0;             // guarded by mutex_: the entries of series_ with a device
  std::map<DeviceNumber, OfDevice> devices_;  // guarded by mutex_
};

}  // namespace packwalk
