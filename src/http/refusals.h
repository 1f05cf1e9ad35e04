// Who was refused, where and why: logged once per minute, and remembered of each device.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
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
};

/// So many refusals at one door for one reason from one address; the rest is of the last one.
struct RefusalReport {
  std::string_view door;
  std::string_view reason;
  std::string address;
  std::optional<DeviceNumber> device;
  std::string detail;
  std::size_t count = 0;
};

/// Thread-safe, and nothing that an ordinary packet passes. What it remembers is bounded: of more addresses at once
/// than `reports_max`, those that come later are reported as one, without an address.
class Refusals {
 public:
  static constexpr std::size_t reports_max = 256;
  static constexpr std::size_t devices_max = 10'000;
  using Time = std::chrono::steady_clock::time_point;
  using Report = std::function<void(const RefusalReport&)>;

  explicit Refusals(Report report) : report_(std::move(report)) {}

  void note(const Refusal& refusal, ServerTime at, Time now = std::chrono::steady_clock::now());

  /// Reports what was noted more than a minute after the last report of its kind. To be called now and then, so that
  /// the end of a series is reported too.
  void report_rest(Time now = std::chrono::steady_clock::now());

  /// The last refusal of each device that was refused, a minute at least after the one that was taken before.
  std::vector<DeviceRefusal> take_device_refusals(Time now = std::chrono::steady_clock::now());

 private:
  struct Series {
    RefusalReport unreported;
    Time reported_at{};
  };
  struct OfDevice {
    DeviceRefusal last;
    bool is_taken = false;
    std::optional<Time> taken_at;
  };
  using Key = std::tuple<std::string_view, std::string_view, std::string>;  // door, reason, address

  void note_device(const Refusal& refusal, ServerTime at);

  const Report report_;
  std::mutex mutex_;
  std::map<Key, Series> series_;              // guarded by mutex_
  std::map<DeviceNumber, OfDevice> devices_;  // guarded by mutex_
};

}  // namespace packwalk
