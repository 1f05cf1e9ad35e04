#include "app/run_analysis.h"

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

DeviceTime recent_since(ServerTime now) { return std::chrono::floor<seconds>(now) - recent_age; }

std::string text_of(const AnalysisRules& rules) {
  std::string text;
  for (const NamedRule& rule : named_rules()) {
    text.append(rule.name).append("=").append(std::to_string(rule.get(rules))).append(" ");
  }
  return text;
}

}  // namespace

std::chrono::milliseconds RunAnalysis::step(ServerTime now) {
  Result<bool> worked;
  try {
    worked = take_turn(now);
  } catch (const std::exception& error) {  // memory running out, say
    worked = fail(Errc::unavailable, std::string("a device could not be analysed: ") + error.what());
  }
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
  if (auto done = adopt_rules(); !done) return tl::unexpected(std::move(done.error()));
  if (auto done = count_stale(now); !done) return tl::unexpected(std::move(done.error()));
  for (const Age age : spent_[recent] <= spent_[old] ? std::array{recent, old} : std::array{old, recent}) {
    const auto device = next(age, now);
    if (!device) return tl::unexpected(device.error());
    if (!*device) {
      spent_[age] = std::max(spent_[recent], spent_[old]);  // who had nothing to do saves nothing up
      continue;
    }
    const auto started = stopwatch_();
    const auto report =
        analyse_device(**device, age == recent ? WindowOrder::newest_first : WindowOrder::oldest_first, store_, rules_);
    const auto took = std::chrono::duration_cast<microseconds>(stopwatch_() - started);
    spent_[age] += took;
    const auto rest = std::clamp<microseconds>(took * rest_factor, again_min, again_max);
    if (age == recent || !report || !*report) not_before_[**device] = now + rest;
    if (!report && report.error().code != Errc::overloaded) return tl::unexpected(report.error());
    const std::lock_guard lock(mutex_);
    ++levels_.turns;
    levels_.busy += took;
    if (report && *report) levels_.windows += static_cast<std::int64_t>((*report)->windows);
    return true;
  }
  return false;
}

Result<void> RunAnalysis::adopt_rules() {
  if (adopted_) return {};
  const std::string rules = text_of(rules_);
  const auto before = store_.rules();
  if (!before) return tl::unexpected(before.error());
  for (std::int64_t after = 0; !before->empty() && *before != rules;) {
    const auto device = store_.next_device(after);
    if (!device) return tl::unexpected(device.error());
    if (!*device) break;
    if (auto marked = store_.mark_all_stale(**device); !marked) return marked;
    after = (*device)->value;
  }
  if (*before != rules) {
    if (auto put = store_.put_rules(rules); !put) return put;
  }
  adopted_ = true;
  return {};
}

Result<void> RunAnalysis::count_stale(ServerTime now) {
  if (now - counted_at_ < count_interval) return {};
  counted_at_ = now;
  const auto stale = store_.count_stale_windows();
  if (!stale) return tl::unexpected(stale.error());
  const std::lock_guard lock(mutex_);
  levels_.stale = *stale;
  return {};
}

Result<std::optional<DeviceNumber>> RunAnalysis::next(Age age, ServerTime now) {
  return age == recent ? next_recent(now) : next_old(now);
}

Result<std::optional<DeviceNumber>> RunAnalysis::next_recent(ServerTime now) {
  if (recent_devices_.empty() && now - recent_read_at_ >= look_interval) {
    recent_read_at_ = now;
    auto devices = store_.devices_stale_since(recent_since(now), recent_devices_max);
    if (!devices) return tl::unexpected(std::move(devices.error()));
    recent_devices_.assign(devices->rbegin(), devices->rend());
  }
  while (!recent_devices_.empty()) {
    const DeviceNumber device = recent_devices_.back();
    recent_devices_.pop_back();
    if (is_due(device, now)) return device;
  }
  return std::optional<DeviceNumber>();
}

Result<std::optional<DeviceNumber>> RunAnalysis::next_old(ServerTime now) {
  if (now - none_old_at_ < look_interval) return std::optional<DeviceNumber>();
  for (int ends = last_old_ == 0 ? 1 : 0; ends < 2;) {  // once around
    const auto device = store_.next_device_stale_before(recent_since(now), last_old_);
    if (!device) return tl::unexpected(device.error());
    last_old_ = *device ? (*device)->value : 0;
    if (!*device) ++ends;
    if (*device && is_due(**device, now)) return device;
  }
  none_old_at_ = now;
  return std::optional<DeviceNumber>();
}

bool RunAnalysis::is_due(DeviceNumber device, ServerTime now) {
  if (not_before_.size() > remembered_max) {
    std::erase_if(not_before_, [&](const auto& each) { return each.second <= now; });
  }
  const auto rest = not_before_.find(device);
  return rest == not_before_.end() || rest->second <= now;
}

}  // namespace packwalk
