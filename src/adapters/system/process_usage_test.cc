#include "adapters/system/process_usage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <vector>

namespace packwalk {
namespace {

TEST(ProcessUsage, FollowsWhatTheProcessTakes) {
  const auto before = process_usage();
  ASSERT_TRUE(before);
  std::FILE* const file = std::fopen("/dev/null", "r");
  ASSERT_NE(nullptr, file);
  constexpr std::int64_t bytes = 64L * 1024 * 1024;
  std::vector<char> memory(bytes, 'x');
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  auto after = process_usage();
  while (after && after->cpu_seconds <= before->cpu_seconds && std::chrono::steady_clock::now() < until) {
    after = process_usage();
  }
  ASSERT_TRUE(after);
  EXPECT_EQ(before->open_files + 1, after->open_files);
  EXPECT_GT(after->resident_bytes, before->resident_bytes + bytes / 2) << memory.size();
  EXPECT_GT(after->cpu_seconds, before->cpu_seconds);
  EXPECT_EQ(before->started_at, after->started_at);
  std::fclose(file);
}

TEST(ProcessUsage, KnowsWhenTheProcessStarted) {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const double started_at = process_usage().value().started_at;
  EXPECT_LT(started_at, now + 1);
  EXPECT_GT(started_at, now - 3600);
}

}  // namespace
}  // namespace packwalk
