#include "app/archive/verify_archive.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace packwalk {

Result<std::vector<DayComparison>> compare_days(AuditStore& store, ArchiveSource& source, Archive& archive,
                                                DayRange range) {
  const auto here = store.digests(range);
  if (!here) return here.failure();
  const auto dropped = source.dropped(range);
  if (!dropped) return dropped.failure();
  const auto there = archive.digests(range);
  if (!there) return there.failure();
  std::map<Day, DayComparison> days;
  const auto of_day = [&](Day day) -> DayComparison& {
    return days.try_emplace(day, DayComparison{DayDigest{day}, DayDigest{day}}).first->second;
  };
  for (const DayDigest& each : *here) of_day(each.day).store = each;
  for (const DayDigest& each : *dropped) {
    DayDigest& committed = of_day(each.day).store;
    committed.messages += each.messages;
    committed.hash ^= each.hash;
  }
  for (const DayDigest& each : *there) of_day(each.day).archive = each;
  std::vector<DayComparison> comparisons;
  comparisons.reserve(days.size());
  for (const auto& [day, comparison] : days) comparisons.push_back(comparison);
  return comparisons;
}

Result<DayProof> prove_day(AuditStore& store, ArchiveSource& source, Archive& archive, Day day, ServerTime now) {
  DayProof proof;
  proof.store.day = day;
  // Queried first: if messages are copied during the comparison, drop() refuses.
  const auto copied_at = source.copied_at(day);
  if (!copied_at) return copied_at.failure();
  const DayRange range{day, day + std::chrono::days(1)};
  const auto here = store.digests(range);
  if (!here) return here.failure();
  if (!here->empty()) proof.store = here->front();
  if (!*copied_at) {
    proof.reason = "it was never copied, or some messages still wait to be copied";
    return proof;
  }
  proof.copied_at = **copied_at;
  if (now - proof.copied_at < settled_after) {
    proof.reason = "its last message was copied less than an hour ago: try again later";
    return proof;
  }
  const auto compared = compare_days(store, source, archive, range);
  if (!compared) return compared.failure();
  proof.proven =
      std::all_of(compared->begin(), compared->end(), [](const DayComparison& each) { return each.equal(); });
  if (!proof.proven) proof.reason = "the archive differs: run `packwalk archive repair`";
  return proof;
}

}  // namespace packwalk
