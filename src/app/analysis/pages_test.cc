#include "app/analysis/pages.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

/// A fix each second up to 999, of which those from 10 on are outliers but the last.
class Zigzag {
 public:
  Pages<DeviceTime> pages(std::size_t page) {
    const Pages<DeviceTime>::Read read = [this](Seconds range, std::size_t limit) -> Result<Page<DeviceTime>> {
      ++reads_;
      const auto until = std::min<Second>({range.to, range.from + static_cast<Second>(limit) - 1, 999});
      Page<DeviceTime> found{.things = {}, .until = until == 999 ? range.to : until};
      for (Second at = range.from; at <= until; ++at) {
        if (at < 10 || at == 999) {
          found.things.push_back(device_time(at));
        } else {
          ++found.left_out;
        }
      }
      return found;
    };
    return {read, page, 0, {}, {}};
  }
  int reads() const { return reads_; }

 private:
  int reads_ = 0;
};

TEST(PagesOfThings, ReadsNoFartherThanSomebodyWaitsForTheNext) {
  Zigzag zigzag;
  auto pages = zigzag.pages(10);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pages.peek(20));
    pages.pop();
  }
  EXPECT_EQ(1, zigzag.reads());
  EXPECT_EQ(nullptr, pages.peek(25));
  EXPECT_EQ(3, zigzag.reads());
  EXPECT_TRUE(pages.is_known_to_be_later_than(25));
  EXPECT_EQ(10U, pages.left_out()) << "the last page is not behind us";
  EXPECT_EQ(nullptr, pages.peek(25));
  EXPECT_EQ(3, zigzag.reads());
}

TEST(PagesOfThings, FindsTheNextWhereItIsFar) {
  Zigzag zigzag;
  auto pages = zigzag.pages(10);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pages.peek());
    pages.pop();
  }
  const DeviceTime* const last = pages.peek();
  ASSERT_TRUE(last);
  EXPECT_EQ(device_time(999), *last);
  EXPECT_EQ(980U, pages.left_out());
  pages.pop();
  EXPECT_EQ(nullptr, pages.peek());
}

}  // namespace
}  // namespace packwalk
