#include "adapters/postgres/added_rows.h"

#include <gtest/gtest.h>

#include <random>

namespace packwalk::sql {
namespace {

/// A key of two columns, as RETURNING tells it.
class Key final : public Row {
 public:
  Key(std::int64_t device, std::int64_t time) : columns_{device, time} {}
  bool is_null(int) const override { return false; }
  std::int64_t integer(int column) const override { return columns_.at(static_cast<std::size_t>(column)); }
  double real(int) const override { return 0; }
  std::string_view bytes(int) const override { return {}; }

 private:
  std::vector<std::int64_t> columns_;
};

constexpr std::size_t width = 3;
std::vector<Value> rows_of(std::size_t count) {
  std::vector<Value> cells;
  for (std::size_t row = 0; row < count; ++row) {
    cells.insert(cells.end(), {static_cast<std::int64_t>(row / 10), static_cast<std::int64_t>(row % 10), 0.5});
  }
  return cells;
}
Key key_of(std::size_t row) { return {static_cast<std::int64_t>(row / 10), static_cast<std::int64_t>(row % 10)}; }

TEST(AddedRows, AreTheSameInWhateverOrderTheyAreTold) {
  constexpr std::size_t count = 500;
  const std::vector<Value> cells = rows_of(count);
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<bool> expected(count);
    std::vector<std::size_t> told;
    for (std::size_t row = 0; row < count; ++row) {
      if (random() % 3 == 0) continue;
      expected[row] = true;
      told.push_back(row);
    }
    if (round > 0) std::shuffle(told.begin(), told.end(), random);
    AddedRows added(cells, width, 2);
    for (const std::size_t row : told) EXPECT_TRUE(added.take(key_of(row)));
    EXPECT_EQ(expected, std::move(added).added());
  }
}

TEST(AddedRows, OfRowsThatAreNotSortedAreFoundToo) {
  std::vector<Value> cells;
  for (const std::int64_t time : {5, 1, 9, 3}) cells.insert(cells.end(), {std::int64_t{1}, time, 0.5});
  AddedRows added(cells, width, 2);
  EXPECT_TRUE(added.take({Key(1, 3)}));
  EXPECT_TRUE(added.take({Key(1, 5)}));
  EXPECT_EQ((std::vector<bool>{true, false, false, true}), std::move(added).added());
}

TEST(AddedRows, DoNotKnowAKeyThatNobodyGave) {
  const std::vector<Value> cells = rows_of(20);
  AddedRows added(cells, width, 2);
  EXPECT_FALSE(added.take(Key(7, 7)));
  EXPECT_TRUE(added.take(key_of(0)));
  AddedRows none({}, width, 2);
  EXPECT_FALSE(none.take(Key(0, 0)));
}

}  // namespace
}  // namespace packwalk::sql
