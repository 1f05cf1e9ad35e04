#include "http/refusals.h"

#include <utility>

namespace packwalk {
namespace {

constexpr std::chrono::minutes interval{1};
constexpr std::size_t detail_size_max = 200;

}  // namespace

void Refusals::note(const Refusal& refusal, ServerTime at, Time now) {
  RefusalReport report;
  {
    const std::lock_guard lock(mutex_);
    if (refusal.device) note_device(refusal, at);
    Key key{refusal.door, refusal.reason, std::string(refusal.address)};
    if (series_.size() >= reports_max && !series_.contains(key)) std::get<std::string>(key).clear();
    const auto [found, is_new] = series_.try_emplace(std::move(key));
    Series& series = found->second;
    const std::size_t count = series.unreported.count + 1;
    series.unreported = {.door = refusal.door,
                         .reason = refusal.reason,
                         .address = std::get<std::string>(found->first),
                         .device = refusal.device,
                         .detail = std::string(refusal.detail.substr(0, detail_size_max)),
                         .count = count};
    if (!is_new && now - series.reported_at < interval) return;
    series.reported_at = now;
    report = std::exchange(series.unreported, {});
  }
  report_(report);
}

void Refusals::note_device(const Refusal& refusal, ServerTime at) {
  if (devices_.size() >= devices_max && !devices_.contains(*refusal.device)) return;  // it comes again
  OfDevice& of_device = devices_[*refusal.device];
  std::string reason(refusal.reason);
  if (!refusal.detail.empty()) reason.append(": ").append(refusal.detail.substr(0, detail_size_max));
  of_device.last = {*refusal.device, at, std::string(refusal.door), std::move(reason)};
  of_device.is_taken = false;
}

void Refusals::report_rest(Time now) {
  std::vector<RefusalReport> due;
  {
    const std::lock_guard lock(mutex_);
    for (auto each = series_.begin(); each != series_.end();) {
      Series& series = each->second;
      if (now - series.reported_at < interval) {
        ++each;
      } else if (series.unreported.count == 0) {
        each = series_.erase(each);
      } else {
        due.push_back(std::exchange(series.unreported, {}));
        series.reported_at = now;
        ++each;
      }
    }
  }
  for (const RefusalReport& report : due) report_(report);
}

std::vector<DeviceRefusal> Refusals::take_device_refusals(Time now) {
  std::vector<DeviceRefusal> taken;
  const std::lock_guard lock(mutex_);
  for (auto each = devices_.begin(); each != devices_.end();) {
    OfDevice& of_device = each->second;
    const bool is_due = !of_device.taken_at || now - *of_device.taken_at >= interval;
    if (is_due && of_device.is_taken) {
      each = devices_.erase(each);
      continue;
    }
    if (is_due) {
      taken.push_back(of_device.last);
      of_device.taken_at = now;
      of_device.is_taken = true;
    }
    ++each;
  }
  return taken;
}

}  // namespace packwalk
