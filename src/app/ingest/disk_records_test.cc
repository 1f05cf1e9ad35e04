#include "app/ingest/disk_records.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

struct Measured {
  std::size_t content_bytes;
  std::size_t disk_bytes;
};

// Of valid packets in SQLite, by the page counts of messages and fixes: 6,000 of one body each, which fills pages
// worst.
constexpr Measured measured[] = {{2, 112},     {16, 130},    {60, 182},    {104, 233},   {150, 281},   {200, 350},
                                 {276, 418},   {300, 449},   {450, 662},   {600, 760},   {750, 896},   {800, 1102},
                                 {940, 1102},  {980, 4758},  {1000, 4757}, {1022, 4757}, {4000, 4757}, {4500, 4757},
                                 {5000, 5202}, {5100, 8853}, {8000, 8853}};

TEST(DiskRecords, OfLongPacketsStandForAtLeastTheDiskThatWasMeasured) {
  for (const auto& [content, disk] : measured) {
    if (content <= disk_bytes_per_record) continue;
    EXPECT_GE(disk_records(content, 0) * disk_bytes_per_record, disk) << "of " << content << " bytes";
  }
}

TEST(DiskRecords, AreNotManyMoreThanTheDiskThatWasMeasured) {
  for (const auto& [content, disk] : measured) {
    EXPECT_LE(disk_records(content, 0), 2 * disk / disk_bytes_per_record + 1) << "of " << content << " bytes";
  }
}

TEST(DiskRecords, OfOrdinaryPacketsAreOneEach) {
  EXPECT_EQ(1U, disk_records(0, 0));
  EXPECT_EQ(1U, disk_records(18, 0)) << "the longest binary form";
  EXPECT_EQ(1U, disk_records(150, 0)) << "JSON";
  EXPECT_EQ(2U, disk_records(151, 0));
  EXPECT_EQ(3U, disk_records(276, 0)) << "Overland";
}

TEST(DiskRecords, NeverBecomeFewerWithMoreBytes) {
  for (std::size_t bytes = 1; bytes < 70'000; ++bytes) EXPECT_GE(disk_records(bytes, 0), disk_records(bytes - 1, 0));
}

TEST(DiskRecords, CountTheReasonOfAnInvalidMessageToo) { EXPECT_EQ(disk_records(1000, 0), disk_records(400, 600)); }

}  // namespace
}  // namespace packwalk
