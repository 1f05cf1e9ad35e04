// Who was refused, where and why: logged once per minute, and kept of each device.
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

/// One request that was refused, or that held something invalid. Holds no secret.
struct Refusal {
  std::string_view door;    // a literal: "osmand"; "" where none was found
  std::string_view reason;  // a literal: "unknown_token"
  std::string_view address{};
  std::optional<DeviceNumber> device{};
  std::string_view detail{};
  bool apart_by_detail = false;  // one of another detail is of another series: where there are few details
};

/// So many refusals at one door for one reason from one address and of one device, where it is known; the detail is
/// that of one of them, or of all.
struct RefusalReport {
  std::string_view door;
  std::string_view reason;
  std::string address;
  std::optional<DeviceNumber> device;
  std::string detail;
  std::size_t count = 0;
};

/// Thread-safe, and nothing that an ordinary packet passes. What it remembers is bounded. While `reports_max` series
/// are reported, further ones are reported as one, without an address; of more than `device_reports_max` devices,
/// further ones as one per address, without a device.
class Refusals {
 public:
  static constexpr std::size_t reports_max = 256;
  static constexpr std::size_t device_reports_max = 128;
  static constexpr std::size_t devices_max = 10'000;
  using Time = std::chrono::steady_clock::time_point;
  using Report = std::function<void(const RefusalReport&)>;
  using Keep = std::function<Result<void>(std::span<const DeviceRefusal>)>;
  enum class Due { after_a_minute, all };

  explicit Refusals(Report report) : report_(std::move(report)) {}

  void note(const Refusal& refusal, ServerTime at, Time now = std::chrono::steady_clock::now());

  /// Reports what was noted more than a minute after the last report of its kind. To be called now and then, so that
  /// the end of a series is reported too.
  void report_rest(Time now = std::chrono::steady_clock::now());

  /// Hands the last refusal of each device to `keep`, if it was not kept yet: a minute at least after the one that was
  /// kept before, or all. What `keep` fails to take is handed over the next time. For one thread at a time.
  Result<void> keep_device_refusals(const Keep& keep, Due due = Due::after_a_minute,
                                    Time now = std::chrono::steady_clock::now());

 private:
  /// What one report is about.
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
    std::optional<Time> kept_at;  // `last` or one before it
  };

  void note_device(const Refusal& refusal, ServerTime at);
  AllSeries::iterator series_of(const Refusal& refusal);
  std::vector<DeviceRefusal> device_refusals_due(Due due, Time now);
  static RefusalReport report_of(AllSeries::value_type& one, Time now);

  const Report report_;
  std::mutex mutex_;
  AllSeries series_;                          // guarded by mutex_
  std::size_t device_series_ = 0;             // likewise: those of series_ that have a device
  std::map<DeviceNumber, OfDevice> devices_;  // guarded by mutex_
};

}  // namespace packwalk
