#include "adapters/sqlite/writer_turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace packwalk::sql {
namespace {

using Waiting = WriterTurns::Waiting;
using std::chrono::milliseconds;

constexpr milliseconds long_patience{60'000};

/// Whether `turns` is free: takes it and gives it back.
bool is_free(WriterTurns& turns) {
  const bool taken = turns.take(milliseconds(0), Waiting::in_line);
  if (taken) turns.end();
  return taken;
}

TEST(WriterTurns, AreForOneWriterAtATime) {
  WriterTurns turns;
  int writing = 0;  // TSan finds two at once
  std::vector<std::jthread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&turns, &writing, i] {
      for (int round = 0; round < 200; ++round) {
        ASSERT_TRUE(turns.take(long_patience, i == 0 ? Waiting::gives_way : Waiting::in_line));
        EXPECT_EQ(1, ++writing);
        --writing;
        turns.end();
      }
    });
  }
}

TEST(WriterTurns, AreNotWaitedForLongerThanTheWriterHasPatience) {
  WriterTurns turns;
  ASSERT_TRUE(turns.take(long_patience, Waiting::gives_way));
  EXPECT_FALSE(turns.take(milliseconds(1), Waiting::in_line));
  EXPECT_FALSE(turns.take(milliseconds(1), Waiting::gives_way));
  turns.end();
  EXPECT_TRUE(is_free(turns));
}

/// Another writer, which wants one turn.
class OtherWriter {
 public:
  OtherWriter(WriterTurns& turns, Waiting waiting)
      : thread_([this, &turns, waiting] {
          taken_ = turns.take(long_patience, waiting);
          turns.end();
        }) {}
  bool had_its_turn() const { return taken_; }

 private:
  std::atomic<bool> taken_ = false;
  std::jthread thread_;
};

void wait_for_line_of(const WriterTurns& turns, std::size_t writers) {
  while (turns.in_line() != writers) std::this_thread::yield();
}

TEST(WriterTurns, ComeInTheOrderInWhichTheyWereAskedFor) {
  WriterTurns turns;
  ASSERT_TRUE(turns.take(long_patience, Waiting::in_line));
  const OtherWriter first(turns, Waiting::in_line);
  wait_for_line_of(turns, 1);
  const OtherWriter second(turns, Waiting::in_line);
  wait_for_line_of(turns, 2);
  turns.end();
  ASSERT_TRUE(turns.take(long_patience, Waiting::in_line));  // at once, as a writer with more to write does
  EXPECT_TRUE(first.had_its_turn());
  EXPECT_TRUE(second.had_its_turn());
  turns.end();
}

TEST(WriterTurns, ComeToAWriterThatGivesWayThoughTheOtherAlwaysHasMore) {
  WriterTurns turns;
  ASSERT_TRUE(turns.take(long_patience, Waiting::in_line));
  const OtherWriter background(turns, Waiting::gives_way);
  wait_for_line_of(turns, 1);  // after its pauses
  turns.end();
  ASSERT_TRUE(turns.take(long_patience, Waiting::in_line));
  EXPECT_TRUE(background.had_its_turn());
  turns.end();
}

TEST(WriterTurns, GoToThoseInLineBeforeAWriterThatGivesWay) {
  WriterTurns turns;
  ASSERT_TRUE(turns.take(long_patience, Waiting::in_line));
  std::atomic<bool> was_first = false;
  std::optional<OtherWriter> background;
  const std::jthread in_line([&] {
    const bool taken = turns.take(long_patience, Waiting::in_line);
    was_first = taken && !background->had_its_turn();
    turns.end();
  });
  wait_for_line_of(turns, 1);
  background.emplace(turns, Waiting::gives_way);
  turns.end();
  ASSERT_TRUE(turns.take(long_patience, Waiting::in_line));
  EXPECT_TRUE(was_first);
  turns.end();
}

}  // namespace
}  // namespace packwalk::sql
