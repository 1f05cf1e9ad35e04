#include "app/questions/sum_activity.h"

#include <algorithm>
#include <utility>

namespace packwalk {
namespace {

constexpr std::chrono::days activity_part{100};  // at most 96,000 rows
constexpr std::size_t tracks_part = 10'000;

Result<void> add_activity(QueryStore& store, DeviceNumber device, TimeRange range, std::span<PeriodSums> sums) {
  for (DeviceTime from = range.from; from < range.until; from += activity_part) {
    const auto rows = store.activity(device, {from, std::min(from + activity_part, range.until)});
    if (!rows) return rows.failure();
    add_to_periods(sums, *rows);
  }
  return {};
}

Result<void> add_tracks(QueryStore& store, DeviceNumber device, TimeRange range, std::span<PeriodSums> sums) {
  for (bool more = true; more;) {
    const auto rows = store.tracks(device, range, tracks_part);
    if (!rows) return rows.failure();
    add_to_periods(sums, *rows);
    more = rows->size() == tracks_part;
    if (more) range.from = rows->back().to + std::chrono::seconds(1);
  }
  return {};
}

}  // namespace

Result<std::vector<PeriodSums>> sum_activity(QueryStore& store, DeviceNumber device, std::span<const Period> periods) {
  std::vector<PeriodSums> sums;
  for (const Period& period : periods) sums.push_back({.from = period.from, .until = period.until});
  if (sums.empty()) return sums;
  const TimeRange range{sums.front().from, sums.back().until};
  auto added = add_activity(store, device, range, sums);
  if (added) added = add_tracks(store, device, range, sums);
  if (!added) return added.failure();
  return sums;
}

}  // namespace packwalk
