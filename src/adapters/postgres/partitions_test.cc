// Which partition a row belongs to.
#include "adapters/postgres/partitions.h"

#include <gtest/gtest.h>

#include "adapters/sql/tables.h"

namespace packwalk::sql {
namespace {

std::vector<std::string> names_of(const std::set<Partition>& partitions) {
  std::vector<std::string> names;
  names.reserve(partitions.size());
  for (const Partition& partition : partitions) names.push_back(partition.name);
  return names;
}

std::vector<Value> row_with(const Table& table, std::size_t column, std::int64_t value) {
  std::vector<Value> row(table.columns.size(), std::int64_t{0});
  row[column] = value;
  return row;
}

TEST(Partitions, HoldAMonthOfFixes) {
  const std::pair<std::int64_t, const char*> cases[] = {
      {0, "fixes_197001"},
      {-1, "fixes_196912"},
      {1'767'225'599, "fixes_202512"},  // 2025-12-31T23:59:59Z
      {1'767'225'600, "fixes_202601"},
      {2'147'483'647, "fixes_203801"},
  };
  for (const auto& [seconds, want] : cases) {
    const auto found = partitions_of(fixes, row_with(fixes, 1, seconds));
    ASSERT_EQ(1U, found.size());
    EXPECT_EQ(want, found.begin()->name);
    EXPECT_LE(found.begin()->from, seconds);
    EXPECT_GT(found.begin()->until, seconds);
  }
}

TEST(Partitions, HoldADayOfMessages) {
  constexpr std::int64_t new_year = 1'767'225'600'000'000;
  const auto before = partitions_of(messages, row_with(messages, 1, new_year - 1));
  EXPECT_EQ((std::vector<std::string>{"messages_20251231"}), names_of(before));
  EXPECT_EQ(new_year, before.begin()->until);
  EXPECT_EQ((std::vector<std::string>{"messages_20260101"}),
            names_of(partitions_of(messages, row_with(messages, 1, new_year))));
}

TEST(Partitions, AreNoneForATableInOnePiece) { EXPECT_TRUE(partitions_of(states, row_with(states, 0, 1)).empty()); }

TEST(Partitions, AreMadeAheadOverTheEndOfAYear) {
  EXPECT_EQ((std::vector<std::string>{"fixes_202512", "fixes_202601", "fixes_202602", "messages_20251231",
                                      "messages_20260101", "messages_20260102", "messages_20260103", "samples_202512",
                                      "samples_202601", "samples_202602"}),
            names_of(partitions_ahead(server_time(1'767'225'600'000'000 - 1))));
}

}  // namespace
}  // namespace packwalk::sql
