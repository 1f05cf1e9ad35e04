#include "app/questions/marked_fixes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace packwalk {
namespace {

using std::chrono::seconds;

PathFix path_fix(const Fix& fix) { return {fix.position, fix.accuracy, fix.timestamp}; }

/// Consecutive fixes of a device, and optionally one more on each side.
class Neighbours {
 public:
  Neighbours(QueryStore& store, DeviceNumber device, const OutlierRules& rules)
      : store_(store), device_(device), rules_(rules) {}

  /// By index among `fixes`.
  Result<std::vector<std::size_t>> outliers(const std::vector<Fix>& fixes) {
    for (const Fix& fix : fixes) around_.push_back(path_fix(fix));
    if (around_.empty() || rules_.speed_max_mps == 0) return std::vector<std::size_t>();
    if (auto read = read_after(); !read) return read.failure();
    if (auto read = read_before(); !read) return read.failure();
    std::vector<std::size_t> outliers = outliers_of(around_, rules_);
    for (std::size_t& index : outliers) index -= before_;
    return outliers;
  }

 private:
  /// The last fix can be an outlier only after a leap, so usually nothing is read.
  Result<void> read_after() {
    const PathFix& last = around_.back();
    if (around_.size() > 1 && !is_leap(*std::prev(around_.end(), 2), last, rules_)) return {};
    const TimeRange range{last.timestamp + seconds(1), last.timestamp + rules_.bridge + seconds(1)};
    const auto found = store_.fixes(device_, range, 1);
    if (!found) return found.failure();
    if (!found->empty()) around_.push_back(path_fix(found->front()));
    return {};
  }

  /// The first fix can be one only before a leap.
  Result<void> read_before() {
    if (around_.size() < 2 || !is_leap(around_[0], around_[1], rules_)) return {};
    const DeviceTime first = around_.front().timestamp;
    // Fixes are at least a second apart.
    const auto found =
        store_.fixes(device_, {first - rules_.bridge, first}, static_cast<std::size_t>(rules_.bridge.count()));
    if (!found) return found.failure();
    if (found->empty()) return {};
    around_.insert(around_.begin(), path_fix(found->back()));
    before_ = 1;
    return {};
  }

  QueryStore& store_;
  const DeviceNumber device_;
  const OutlierRules& rules_;
  std::vector<PathFix> around_;
  std::size_t before_ = 0;
};

}  // namespace

Result<std::vector<MarkedFix>> marked_fixes(QueryStore& store, DeviceNumber device, TimeRange range, Paging page,
                                            const OutlierRules& rules) {
  auto fixes = store.fixes(device, range, page);
  if (!fixes) return fixes.failure();
  if (page.is_backwards()) std::reverse(fixes->begin(), fixes->end());
  const auto outliers = Neighbours(store, device, rules).outliers(*fixes);
  if (!outliers) return outliers.failure();
  std::vector<MarkedFix> marked;
  marked.reserve(fixes->size());
  for (const Fix& fix : *fixes) marked.push_back({fix, false});
  for (const std::size_t index : *outliers) marked[index].is_outlier = true;
  if (page.is_backwards()) std::reverse(marked.begin(), marked.end());
  return marked;
}

}  // namespace packwalk
