#include "app/analysis/run_analysis.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace packwalk {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds idle_pause{250};
constexpr milliseconds trouble_pause{2000};
constexpr seconds recent_age{3600};
constexpr seconds look_interval{1};
constexpr seconds count_interval{10};
constexpr seconds again_min{1};
constexpr seconds again_max{60};
constexpr int rest_factor = 10;
constexpr std::size_t recent_devices_max = 1000;
constexpr std::size_t remembered_max = 100'000;
constexpr std::chrono::minutes retry_min{1};
constexpr std::chrono::minutes retry_max{24 * 60};

/// Whether the error affects all devices, so that the windows are not at fault.
bool is_of_the_store(Errc code) { return code == Errc::unavailable || code == Errc::conflict || code == Errc::broken; }

ServerTime retry_after(std::int64_t failures, ServerTime now) {
  constexpr std::int64_t doublings_max = 11;
  return now +
         std::min(retry_max, retry_min * (std::int64_t{1} << std::clamp<std::int64_t>(failures - 1, 0, doublings_max)));
}

DeviceTime recent_since(ServerTime now) { return std::chrono::floor<seconds>(now) - recent_age; }

bool has_passed(const std::optional<std::chrono::steady_clock::time_point>& since,
                std::chrono::steady_clock::time_point now, seconds interval) {
  return !since || now - *since >= interval;
}

}  // namespace

std::chrono::milliseconds RunAnalysis::step(ServerTime now) {
  last_set_aside_.reset();
  const Result<bool> worked = take_turn(now);
  const std::lock_guard lock(mutex_);
  levels_.trouble = worked ? "" : worked.error().detail;
  if (!worked) ++levels_.failures;
  return worked ? *worked ? milliseconds(0) : idle_pause : trouble_pause;
}

AnalysisLevels RunAnalysis::levels() const {
  const std::lock_guard lock(mutex_);
  return levels_;
}

Result<bool> RunAnalysis::take_turn(ServerTime now) {
  if (auto done = count_stale(now); !done) return done.failure();
  if (const auto adopted = adopt_rules(); !adopted || !*adopted) {
    return adopted ? Result<bool>(true) : adopted.failure();
  }
  for (const Age age : spent_[recent] <= spent_[old] ? std::array{recent, old} : std::array{old, recent}) {
    const auto device = next(age, recent_since(now));
    if (!device) return device.failure();
    if (!*device) {
      spent_[age] = std::max(spent_[recent], spent_[old]);  // an idle side does not accumulate time
      continue;
    }
    if (auto analysed = analyse(**device, age, now); !analysed) return analysed.failure();
    return true;
  }
  return false;
}

Result<std::optional<AnalysisReport>> RunAnalysis::try_turn(DeviceNumber device, Age age,
                                                            std::vector<StaleWindow>& taken) {
  AnalysisSizes sizes = sizes_;
  if (const auto fewer = windows_max_.find(device); fewer != windows_max_.end()) sizes.windows_max = fewer->second;
  const auto order = age == recent ? WindowOrder::newest_first : WindowOrder::oldest_first;
  try {
    return analyse_device({device, order}, store_, rules_, sizes, &taken);
  } catch (const std::exception& error) {  // for example, memory ran out, or an impossible row
    return fail(Errc::corrupt, error.what());
  }
}

/// Counts the time in any case, and delays a device that failed.
Result<void> RunAnalysis::analyse(DeviceNumber device, Age age, ServerTime now) {
  const Moment started = stopwatch_();
  std::vector<StaleWindow> taken;
  const auto report = try_turn(device, age, taken);
  const auto took = std::chrono::duration_cast<microseconds>(stopwatch_() - started);
  spent_[age] += took;
  const bool is_done = report && *report && (*report)->windows > 0;
  if (!is_done || age == recent) rest(device, took * rest_factor);
  if (!report && is_of_the_store(report.error().code)) return report.failure();
  if (!report && report.error().code != Errc::overloaded) return isolate(device, taken, report.error().detail, now);
  if (is_done) windows_max_.erase(device);
  const std::lock_guard lock(mutex_);
  ++levels_.turns;
  levels_.busy += took;
  if (is_done) levels_.windows += static_cast<std::int64_t>((*report)->windows);
  return {};
}

/// Finds the window that cannot be analysed, and sets it aside.
Result<void> RunAnalysis::isolate(DeviceNumber device, std::span<const StaleWindow> taken, const std::string& reason,
                                  ServerTime now) {
  {
    const std::lock_guard lock(mutex_);
    ++levels_.failures;
  }
  if (taken.empty()) {
    rest(device, again_max);
    return {};
  }
  if (windows_max_.size() > remembered_max) windows_max_.clear();
  windows_max_[device] = std::max<std::size_t>(taken.size() / 2, 1);
  not_before_.erase(device);
  if (taken.size() > 1) return {};
  const auto failures = store_.count_failures(taken.front());
  if (!failures) return failures.failure();
  SetAside window{.window = taken.front(),
                  .failures = *failures + 1,
                  .retry_at = retry_after(*failures + 1, now),
                  .reason = reason};
  if (auto done = store_.set_aside(window); !done) return done;
  last_set_aside_ = std::move(window);
  windows_max_.erase(device);
  counted_at_.reset();
  return {};
}

void RunAnalysis::rest(DeviceNumber device, microseconds time) {
  not_before_[device] = stopwatch_() + std::clamp<microseconds>(time, again_min, again_max);
}

Result<bool> RunAnalysis::adopt_rules() {
  if (adopted_) return true;
  auto valid = store_.rules();
  if (!valid) return valid.failure();
  const std::string ours = text_of(rules_);
  if (valid->text != ours) {
    const RulesInUse from_now_on{ours, valid->text.empty() ? std::nullopt : std::optional<std::int64_t>(0)};
    if (auto put = store_.put_rules(from_now_on); !put) return put.failure();
    valid = from_now_on;
  }
  if (!valid->marked_until) {
    adopted_ = true;
    return true;
  }
  const auto device = store_.next_device(*valid->marked_until);
  if (!device) return device.failure();
  if (*device) {
    if (auto marked = store_.mark_all_stale(**device); !marked) return marked.failure();
  }
  const auto until = *device ? std::optional((*device)->value) : std::nullopt;
  if (auto put = store_.put_rules({ours, until}); !put) return put.failure();
  return false;
}

Result<void> RunAnalysis::count_stale(ServerTime now) {
  if (!has_passed(counted_at_, stopwatch_(), count_interval)) return {};
  counted_at_ = stopwatch_();
  const auto stale = store_.count_stale_windows();
  if (!stale) return stale.failure();
  const auto set_aside = store_.count_set_aside();
  if (!set_aside) return set_aside.failure();
  if (*set_aside > 0) {
    if (auto done = store_.retry_set_aside(now); !done) return done;
  }
  const std::lock_guard lock(mutex_);
  levels_.stale = *stale;
  levels_.set_aside = *set_aside;
  return {};
}

Result<std::optional<DeviceNumber>> RunAnalysis::next(Age age, DeviceTime recent_since) {
  return age == recent ? next_recent(recent_since) : next_old(recent_since);
}

Result<std::optional<DeviceNumber>> RunAnalysis::next_recent(DeviceTime recent_since) {
  const Moment now = stopwatch_();
  if (recent_devices_.empty() && (last_recent_ > 0 || has_passed(recent_read_at_, now, look_interval))) {
    auto devices = store_.devices_stale_since(recent_since, last_recent_, recent_devices_max);
    if (!devices) return devices.failure();
    last_recent_ = devices->size() < recent_devices_max ? 0 : devices->back().value;
    if (last_recent_ == 0) recent_read_at_ = now;
    recent_devices_.assign(devices->rbegin(), devices->rend());
  }
  while (!recent_devices_.empty()) {
    const DeviceNumber device = recent_devices_.back();
    recent_devices_.pop_back();
    if (is_due(device)) return device;
  }
  return std::optional<DeviceNumber>();
}

Result<std::optional<DeviceNumber>> RunAnalysis::next_old(DeviceTime recent_since) {
  if (!has_passed(none_old_at_, stopwatch_(), look_interval)) return std::optional<DeviceNumber>();
  for (int ends = last_old_ == 0 ? 1 : 0; ends < 2;) {  // one full round
    auto device = store_.next_device_stale_before(recent_since, last_old_);
    if (!device) return device.failure();
    last_old_ = *device ? (*device)->value : 0;
    if (!*device) ++ends;
    if (*device && is_due(**device)) return device;
  }
  none_old_at_ = stopwatch_();
  return std::optional<DeviceNumber>();
}

bool RunAnalysis::is_due(DeviceNumber device) {
  const Moment now = stopwatch_();
  if (not_before_.size() > remembered_max) {
    std::erase_if(not_before_, [&](const auto& each) { return each.second <= now; });
  }
  const auto rest = not_before_.find(device);
  return rest == not_before_.end() || rest->second <= now;
}

}  // namespace packwalk
