#include "doors/refusals.h"

#include <utility>

namespace packwalk {
namespace {

constexpr std::chrono::minutes interval{1};
constexpr std::chrono::seconds interval_of_changes{5};  // of the reason of one device
constexpr std::size_t detail_size_max = 200;

}  // namespace

void Refusals::note(const Refusal& refusal, ServerTime at, Time now) {
  RefusalReport report;
  {
    const std::lock_guard lock(mutex_);
    if (refusal.device) note_device(refusal, at);
    const auto found = series_of(refusal);
    Series& series = found->second;
    const bool is_new = series.reported_at == Time();
    ++series.unreported;
    series.detail = refusal.detail.substr(0, detail_size_max);
    if (!is_new && now - series.reported_at < interval) return;
    report = report_of(*found, now);
  }
  report_(report);
}

/// Its own series, or a shared one if there are too many.
Refusals::AllSeries::iterator Refusals::series_of(const Refusal& refusal) {
  const std::string_view apart = refusal.apart_by_detail ? refusal.detail.substr(0, detail_size_max) : "";
  Key key{refusal.door, refusal.reason, std::string(refusal.address), refusal.device, std::string(apart)};
  if (key.device && device_series_ >= device_reports_max && !series_.contains(key)) key.device.reset();
  if (series_.size() >= reports_max && !series_.contains(key)) {
    key.address.clear();
    key.device.reset();
    key.detail.clear();
  }
  const auto [found, is_new] = series_.try_emplace(std::move(key));
  if (is_new && found->first.device) ++device_series_;
  return found;
}

RefusalReport Refusals::report_of(AllSeries::value_type& one, Time now) {
  auto& [key, series] = one;
  series.reported_at = now;
  return {.door = key.door,
          .reason = key.reason,
          .address = key.address,
          .device = key.device,
          .detail = series.detail,
          .count = std::exchange(series.unreported, 0)};
}

void Refusals::note_device(const Refusal& refusal, ServerTime at) {
  if (devices_.size() >= devices_max && !devices_.contains(*refusal.device)) return;  // the series continues
  OfDevice& of_device = devices_[*refusal.device];
  std::string reason(refusal.reason);
  if (!refusal.detail.empty()) reason.append(": ").append(refusal.detail.substr(0, detail_size_max));
  of_device.last = {*refusal.device, at, std::string(refusal.door), std::move(reason)};
  of_device.is_kept = false;
}

void Refusals::report_rest(Time now) {
  std::vector<RefusalReport> due;
  {
    const std::lock_guard lock(mutex_);
    for (auto each = series_.begin(); each != series_.end();) {
      const Series& series = each->second;
      if (now - series.reported_at < interval) {
        ++each;
      } else if (series.unreported == 0) {
        if (each->first.device) --device_series_;
        each = series_.erase(each);
      } else {
        due.push_back(report_of(*each, now));
        ++each;
      }
    }
  }
  for (const RefusalReport& report : due) report_(report);
}

std::vector<DeviceRefusal> Refusals::device_refusals_due(Due due, Time now) {
  std::vector<DeviceRefusal> found;
  std::size_t early = 0;
  const std::lock_guard lock(mutex_);
  for (auto each = devices_.begin(); each != devices_.end();) {
    const OfDevice& of_device = each->second;
    const bool is_due = due == Due::all || !of_device.kept_at || now - *of_device.kept_at >= interval;
    if (is_due && of_device.is_kept) {
      each = devices_.erase(each);
      continue;
    }
    const bool is_early = !is_due && !of_device.is_kept && of_device.has_changed() &&
                          now - *of_device.kept_at >= interval_of_changes && early < early_max;
    if (is_early) ++early;
    if (is_due || is_early) found.push_back(of_device.last);
    ++each;
  }
  return found;
}

Result<void> Refusals::keep_device_refusals(const Keep& keep, Due due, Time now) {
  const std::vector<DeviceRefusal> refusals = device_refusals_due(due, now);
  if (refusals.empty()) return {};
  if (auto kept = keep(refusals); !kept) return kept;
  const std::lock_guard lock(mutex_);
  for (const DeviceRefusal& refusal : refusals) {
    OfDevice& of_device = devices_.at(refusal.device);
    of_device.is_kept = of_device.last == refusal;  // otherwise a later refusal came meanwhile
    of_device.kept_at = now;
    of_device.kept_door = refusal.door;
    of_device.kept_reason = refusal.reason;
  }
  return {};
}

}  // namespace packwalk
