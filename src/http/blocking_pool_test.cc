#include "http/blocking_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <latch>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/scarce_memory.h"

namespace packwalk {
namespace {

using Clock = std::chrono::steady_clock;

/// What jobs did, in their order.
class Diary {
 public:
  void write(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    written_.notify_all();
  }
  std::vector<std::string> lines(std::size_t count) {
    std::unique_lock lock(mutex_);
    written_.wait(lock, [&] { return lines_.size() >= count; });
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable written_;
  std::vector<std::string> lines_;
};

class Pool : public testing::Test {
 protected:
  /// Takes a thread until release().
  bool hold(BlockingPool& pool, const std::string& caller) {
    return pool.ask(
        {.caller = caller},
        [this, caller](LimitedWork&) {
          diary.write("held by " + caller);
          released.wait();
          return JobEnd::answered;
        },
        [](JobEnd) {});
  }
  void release() {
    if (!released.try_wait()) released.count_down();
  }
  bool ask(BlockingPool& pool, const Asker& asker, const std::string& name) {
    return pool.ask(
        asker,
        [this, name](LimitedWork&) {
          diary.write(name);
          std::this_thread::sleep_for(takes);
          return JobEnd::answered;
        },
        [this, name](JobEnd end) { diary.write(name + " " + std::string(name_of(end))); });
  }
  void TearDown() override { release(); }

  Diary diary;
  std::chrono::milliseconds takes{0};  // each question that is asked
  std::latch released{1};
};

TEST_F(Pool, RunsWhatItIsGiven) {
  BlockingPool pool(1, 4);
  EXPECT_TRUE(ask(pool, {}, "question"));
  EXPECT_EQ((std::vector<std::string>{"question"}), diary.lines(1));
  pool.join();
  EXPECT_EQ(0U, pool.jobs());
  EXPECT_EQ(1U, pool.ends()[static_cast<std::size_t>(JobEnd::answered)]);
}

TEST_F(Pool, LookUpsDoNotWaitBehindQuestions) {
  BlockingPool pool(1, 4);
  hold(pool, "a");
  hold(pool, "b");
  diary.lines(2);  // both threads
  EXPECT_TRUE(pool.run([&] { diary.write("looked up"); }, [] {}));
  EXPECT_EQ("looked up", diary.lines(3).back());
  release();
  pool.join();
}

TEST_F(Pool, OneCallerHoldsNeverAllThreads) {
  BlockingPool pool(2, 8);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(hold(pool, "greedy"));
  EXPECT_TRUE(ask(pool, {.caller = "modest"}, "modest"));
  const auto lines = diary.lines(3);
  EXPECT_EQ(2, std::count(lines.begin(), lines.end(), "held by greedy"));
  EXPECT_EQ(1, std::count(lines.begin(), lines.end(), "modest"));
  release();
  pool.join();
}

TEST_F(Pool, OneCallerNeverFillsMoreThanHalfOfTheQueue) {
  BlockingPool pool(1, 6);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(hold(pool, "greedy"));
  EXPECT_FALSE(ask(pool, {.caller = "greedy"}, "one more"));
  EXPECT_TRUE(ask(pool, {.caller = "modest"}, "modest"));
  EXPECT_EQ(1U, pool.ends()[static_cast<std::size_t>(JobEnd::refused)]);
  release();
  pool.join();
}

TEST_F(Pool, CallersTakeTurns) {
  takes = std::chrono::milliseconds(100);  // so that the other thread has time to write what it began
  BlockingPool pool(1, 40);
  hold(pool, "a");
  hold(pool, "b");
  diary.lines(2);
  for (const char* name : {"c1", "c2", "c3", "c4"}) ask(pool, {.caller = "c"}, name);
  ask(pool, {.caller = "d"}, "d1");
  release();
  pool.join();
  const auto lines = diary.lines(7);
  const auto at = [&](const std::string& name) { return std::find(lines.begin(), lines.end(), name) - lines.begin(); };
  EXPECT_LT(at("d1"), at("c3")) << "two threads may have begun c1 and d1, or c1 and c2 with d1 next";
  EXPECT_LT(at("c1"), at("c4"));
}

TEST_F(Pool, WhoseCallerIsGoneOrWhoseTimeIsOverBeforeItBeginsCostsNothing) {
  BlockingPool pool(1, 8);
  hold(pool, "a");
  hold(pool, "b");
  diary.lines(2);
  std::stop_source caller;
  ask(pool, {.caller = "c", .gone = caller.get_token()}, "gone");
  ask(pool, {.caller = "d", .deadline = Clock::now()}, "late");
  caller.request_stop();
  // Although no thread is free.
  auto lines = diary.lines(4);
  std::sort(lines.begin() + 2, lines.end());
  EXPECT_EQ((std::vector<std::string>{"gone dropped", "late late"}), std::vector(lines.begin() + 2, lines.end()));
  release();
  pool.join();
}

TEST_F(Pool, JobsOfGoneCallersMakeRoomInAFullQueue) {
  BlockingPool pool(1, 4);
  hold(pool, "a");
  hold(pool, "b");
  std::stop_source caller;
  ask(pool, {.caller = "c", .gone = caller.get_token()}, "1");
  ask(pool, {.caller = "c", .gone = caller.get_token()}, "2");
  EXPECT_FALSE(ask(pool, {.caller = "d"}, "no room"));
  caller.request_stop();
  EXPECT_TRUE(ask(pool, {.caller = "d"}, "room"));
  release();
  pool.join();
}

TEST_F(Pool, TheLimitsOfTheAskerAreThoseOfTheWork) {
  BlockingPool pool(1, 4);
  std::stop_source caller;
  std::latch begun{1};
  EXPECT_TRUE(pool.ask(
      {.gone = caller.get_token()},
      [&](LimitedWork& limited) {
        begun.count_down();
        while (!work_must_end()) std::this_thread::yield();
        diary.write("ended");
        return limited.ended() == WorkEnd::gone ? JobEnd::gone : JobEnd::answered;
      },
      [](JobEnd) {}));
  begun.wait();
  caller.request_stop();
  diary.lines(1);
  pool.join();
  EXPECT_EQ(1U, pool.ends()[static_cast<std::size_t>(JobEnd::gone)]);
}

TEST_F(Pool, WhoseAskerCannotBeToldEndsNothing) {
  BlockingPool pool(1, 8);
  const auto throws = [](JobEnd) { throw std::bad_alloc(); };
  pool.ask(
      {}, [](LimitedWork&) -> JobEnd { throw std::bad_alloc(); }, throws);
  pool.ask(
      {}, [](LimitedWork&) -> JobEnd { throw 7; }, [](JobEnd) { throw 8; });
  pool.ask(
      {.deadline = Clock::now()}, [](LimitedWork&) { return JobEnd::answered; }, throws);
  ask(pool, {}, "next");
  diary.lines(1);
  hold(pool, "a");
  hold(pool, "b");
  diary.lines(3);
  pool.ask(
      {.deadline = Clock::now()}, [](LimitedWork&) { return JobEnd::answered; }, throws);
  while (pool.jobs() > 2) std::this_thread::yield();  // another thread than theirs drops it
  release();
  pool.join();
  EXPECT_EQ(2U, pool.ends()[static_cast<std::size_t>(JobEnd::failed)]);
  EXPECT_EQ(2U, pool.ends()[static_cast<std::size_t>(JobEnd::late)]);
}

TEST_F(Pool, RefusesJobsWithoutMemory) {
  BlockingPool pool(1, 100);
  std::atomic<int> ended = 0;
  const std::function<JobEnd(LimitedWork&)> work = [&ended](LimitedWork&) {
    ++ended;
    return JobEnd::answered;
  };
  const std::function<void(JobEnd)> unanswered = [&ended](JobEnd) { ++ended; };
  int taken = 0;
  for (std::size_t refused_from = 0; refused_from < 768; refused_from += 8) {
    Asker asker{.caller = std::to_string(refused_from)};
    refuse_allocations_from(refused_from);
    const bool is_taken = pool.ask(std::move(asker), work, unanswered);
    refuse_allocations_from(SIZE_MAX);
    EXPECT_FALSE(is_taken && refused_from == 0);
    if (is_taken) ++taken;
  }
  pool.join();
  EXPECT_EQ(taken, ended);
  EXPECT_EQ(0U, pool.jobs()) << "a refused job does not count";
}

TEST_F(Pool, TakesTurnsAndDropsWhatIsLateWithoutMemory) {
  BlockingPool pool(1, 40);
  hold(pool, "a");
  hold(pool, "b");
  diary.lines(2);
  std::atomic<int> ended = 0;
  for (int i = 0; i < 4; ++i) {
    for (const auto deadline : {Clock::time_point::max(), Clock::now()}) {
      pool.ask(
          {.caller = "c", .deadline = deadline},
          [&ended](LimitedWork&) {
            ++ended;
            return JobEnd::answered;
          },
          [&ended](JobEnd) { ++ended; });
    }
  }
  refuse_allocations_from(0);
  while (ended < 4) std::this_thread::yield();
  release();
  while (ended < 8) std::this_thread::yield();
  refuse_allocations_from(SIZE_MAX);
  pool.join();
}

TEST_F(Pool, WhatThrowsIsAnswered) {
  BlockingPool pool(1, 4);
  pool.ask(
      {}, [](LimitedWork&) -> JobEnd { throw std::runtime_error("memory ran out"); },
      [&](JobEnd end) { diary.write(std::string(name_of(end))); });
  EXPECT_EQ("failed", diary.lines(1).back());
  pool.run([] { throw std::runtime_error("memory ran out"); }, [&] { diary.write("look-up failed"); });
  EXPECT_EQ("look-up failed", diary.lines(2).back());
}

}  // namespace
}  // namespace packwalk
