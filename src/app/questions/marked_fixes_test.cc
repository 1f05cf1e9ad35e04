#include "app/questions/marked_fixes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "app/questions/empty_query_store.h"

namespace packwalk {
namespace {

constexpr DeviceNumber rex{1};

/// Fixes alone, in the order of time; counts how often it is asked.
class FixesOnly final : public EmptyQueryStore {
 public:
  std::vector<Fix> all;
  int questions = 0;

  Result<std::vector<Fix>> fixes(DeviceNumber, TimeRange range, Paging page) override {
    ++questions;
    std::vector<Fix> found;
    for (const Fix& fix : all) {
      if (fix.timestamp >= range.from && fix.timestamp < range.until) found.push_back(fix);
    }
    if (page.is_backwards()) std::reverse(found.begin(), found.end());
    found.resize(std::min(found.size(), page.limit));
    return found;
  }
};

/// Metres north of 50 N.
Fix fix_at(std::int64_t seconds, double meters) {
  return {.position = LatLon::from_degrees(50 + meters / 111'195, 8).value(), .timestamp = device_time(seconds)};
}

constexpr TimeRange always{device_time(0), device_time(1'000'000)};

std::vector<MarkedFix> marked(FixesOnly& store, TimeRange range, Paging page = 1000) {
  return marked_fixes(store, rex, range, page, {}).value();
}

TEST(MarkedFixes, AreThoseOfTheStoreAndAnOutlierIsMarked) {
  FixesOnly store;
  store.all = {fix_at(0, 0), fix_at(5, 9000), fix_at(10, 6), fix_at(15, 9000)};
  const std::vector<MarkedFix> want = {{store.all[0]}, {store.all[1], true}, {store.all[2], true}, {store.all[3]}};
  EXPECT_EQ(want, marked(store, always)) << "the last one has nothing behind it";
}

TEST(MarkedFixes, AreJudgedByNeighboursThatWereNotAskedFor) {
  FixesOnly store;
  store.all = {fix_at(0, 0), fix_at(5, 9000), fix_at(10, 6)};
  EXPECT_EQ((std::vector<MarkedFix>{{store.all[1], true}}), marked(store, {device_time(5), device_time(6)}));
  EXPECT_EQ((std::vector<MarkedFix>{{store.all[0]}, {store.all[1], true}}), marked(store, always, 2));
  EXPECT_EQ((std::vector<MarkedFix>{{store.all[1], true}, {store.all[2]}}),
            marked(store, {device_time(1), device_time(90)}));
}

TEST(MarkedFixes, OfADeviceThatIsNotTooFastTakeOneQuestion) {
  FixesOnly store;
  for (std::int64_t i = 0; i < 100; ++i) store.all.push_back(fix_at(5 * i, 7.0 * static_cast<double>(i)));
  EXPECT_EQ(50U, marked(store, {device_time(100), device_time(350)}).size());
  EXPECT_EQ(1, store.questions);
}

TEST(MarkedFixes, AreTheSameWhateverTheRangeAndThePage) {
  EXPECT_TRUE(rc::check([] {
    FixesOnly store;
    std::int64_t at = 100;
    for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::element(1, 5, 30, 90, 91))) {
      at += step;
      store.all.push_back(fix_at(at, *rc::gen::element(0, 3, 300, 5000, 5003)));
    }
    const std::vector<MarkedFix> whole = marked(store, always);
    const auto page = *rc::gen::inRange<std::size_t>(1, 5);
    std::vector<MarkedFix> together;
    for (TimeRange range = always; true;) {
      const std::vector<MarkedFix> some = marked(store, range, page);
      together.insert(together.end(), some.begin(), some.end());
      if (some.size() < page) break;
      range.from = some.back().fix.timestamp + std::chrono::seconds(1);
    }
    RC_CLASSIFY(std::any_of(whole.begin(), whole.end(), [](const MarkedFix& each) { return each.is_outlier; }),
                "outliers");
    RC_ASSERT(together == whole);
    std::vector<MarkedFix> backwards;
    for (TimeRange range = always; true;) {
      const std::vector<MarkedFix> some = marked(store, range, {page, TimeOrder::newest_first});
      backwards.insert(backwards.end(), some.begin(), some.end());
      if (some.size() < page) break;
      range.until = some.back().fix.timestamp;
    }
    std::reverse(backwards.begin(), backwards.end());
    RC_ASSERT(backwards == whole);
  }));
}

}  // namespace
}  // namespace packwalk
