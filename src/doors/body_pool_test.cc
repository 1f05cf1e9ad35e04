#include "doors/body_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/scarce_memory.h"

namespace packwalk {
namespace {

constexpr DeviceNumber rex{1};
constexpr DeviceNumber bob{2};

const auto no_failure = [](std::string_view) { ADD_FAILURE() << "it did not throw"; };

TEST(BodyPool, LetsOneDeviceTakeOneThreadAndOthersPass) {
  BodyPool pool;
  std::promise<void> go_on;
  std::promise<void> bob_done;
  std::vector<int> order;
  std::mutex mutex;
  const auto note = [&](int number) {
    const std::lock_guard lock(mutex);
    order.push_back(number);
  };
  const auto first = [&, wait = go_on.get_future().share()](const BodyPool::Turn&) {
    wait.wait();
    note(1);
  };
  ASSERT_TRUE(pool.run(rex, 1, first, no_failure));
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn&) { note(2); }, no_failure));
  ASSERT_TRUE(pool.run(
      bob, 1, [&](const BodyPool::Turn&) { bob_done.set_value(); }, no_failure));
  bob_done.get_future().wait();  // though rex has more bodies than there are threads
  EXPECT_LE(2U, pool.bodies());
  std::promise<void> second_done;
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn&) { second_done.set_value(); }, no_failure));
  go_on.set_value();
  second_done.get_future().wait();
  EXPECT_EQ((std::vector{1, 2}), order);
}

TEST(BodyPool, KeepsTheNextBodyOfADeviceWaitingWhileTheTurnIsHeld) {
  BodyPool pool;
  std::promise<BodyPool::Turn> turn;
  std::promise<void> second;
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn& own) { turn.set_value(own); }, no_failure));
  BodyPool::Turn held = turn.get_future().get();
  std::atomic<bool> released = false;
  const auto next = [&](const BodyPool::Turn&) {
    EXPECT_TRUE(released);
    second.set_value();
  };
  ASSERT_TRUE(pool.run(rex, 1, next, no_failure));
  released = true;
  held.reset();
  second.get_future().wait();
}

TEST(BodyPool, RefusesAtOnceWhatItHasNoRoomFor) {
  BodyPool pool({.threads = 1, .bodies_max = 3, .bytes_max = 100, .bodies_max_of_device = 2});
  std::promise<void> go_on;
  std::promise<void> last;
  const auto wait = [future = go_on.get_future().share()](const BodyPool::Turn&) { future.wait(); };
  EXPECT_TRUE(pool.run(rex, 10, wait, no_failure));
  EXPECT_FALSE(pool.run(bob, 91, wait, no_failure)) << "bytes";
  EXPECT_TRUE(pool.run(rex, 10, wait, no_failure));
  EXPECT_FALSE(pool.run(rex, 10, wait, no_failure)) << "bodies of a device";
  EXPECT_TRUE(pool.run(bob, 10, wait, no_failure));
  EXPECT_FALSE(pool.run(DeviceNumber{3}, 10, wait, no_failure)) << "bodies";
  EXPECT_EQ(3U, pool.bodies());
  go_on.set_value();
}

TEST(BodyPool, HasRoomForASmallBodyOfAnyDeviceWhateverFourOthersSend) {
  BodyPool pool({.threads = 1, .bodies_max = 8, .bytes_max = 1'000'000, .bodies_max_of_device = 8});
  std::promise<void> go_on;
  const auto wait = [future = go_on.get_future().share()](const BodyPool::Turn&) { future.wait(); };
  for (int device = 1; device <= 3; ++device) EXPECT_TRUE(pool.run(DeviceNumber{device}, 250'000, wait, no_failure));
  EXPECT_FALSE(pool.run(DeviceNumber{4}, 250'000, wait, no_failure)) << "bytes";
  EXPECT_TRUE(pool.run(DeviceNumber{5}, 65'536, wait, no_failure));
  EXPECT_FALSE(pool.run(DeviceNumber{5}, 1, wait, no_failure)) << "it has one";
  EXPECT_TRUE(pool.run(DeviceNumber{6}, 65'536, wait, no_failure));
  EXPECT_TRUE(pool.run(DeviceNumber{7}, 10, wait, no_failure));
  EXPECT_FALSE(pool.run(DeviceNumber{1}, 10, wait, no_failure)) << "the last bodies";
  EXPECT_TRUE(pool.run(DeviceNumber{8}, 10, wait, no_failure));
  EXPECT_TRUE(pool.run(DeviceNumber{9}, 10, wait, no_failure));
  EXPECT_FALSE(pool.run(DeviceNumber{10}, 10, wait, no_failure));
  go_on.set_value();
}

TEST(BodyPool, TellsOfWorkThatThrowsAndGoesOnWithTheNext) {
  BodyPool pool;
  std::promise<std::string> failed;
  std::promise<void> next;
  const auto throws = [](const BodyPool::Turn&) { throw std::runtime_error("no memory"); };
  ASSERT_TRUE(pool.run(rex, 1, throws, [&](std::string_view what) { failed.set_value(std::string(what)); }));
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn&) { next.set_value(); }, no_failure));
  EXPECT_EQ("no memory", failed.get_future().get());
  next.get_future().wait();
}

TEST(BodyPool, GoesOnWhenNobodyCanBeToldOfWorkThatThrew) {
  BodyPool pool;
  std::promise<void> next;
  const auto throws = [](const BodyPool::Turn&) { throw std::bad_alloc(); };
  ASSERT_TRUE(pool.run(rex, 1, throws, [](std::string_view) { throw std::bad_alloc(); }));
  ASSERT_TRUE(pool.run(
      rex, 1, [](const BodyPool::Turn&) { throw 7; }, [](std::string_view) { throw 8; }));
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn&) { next.set_value(); }, no_failure));
  next.get_future().wait();
  pool.join();
  EXPECT_EQ(0U, pool.bodies());
}

TEST(BodyPool, HasNoRoomWhileThereIsNoMemory) {
  BodyPool pool;
  std::atomic<int> ended = 0;
  const BodyPool::Work work = [&ended](const BodyPool::Turn&) { ++ended; };
  const BodyPool::Failed failed = [&ended](std::string_view) { ++ended; };
  int taken = 0;
  for (std::size_t refused_from = 0; refused_from < 256; refused_from += 8) {
    refuse_allocations_from(refused_from);
    const bool is_taken = pool.run(rex, 1, work, failed);
    refuse_allocations_from(SIZE_MAX);
    EXPECT_FALSE(is_taken && refused_from == 0);
    if (is_taken) ++taken;
  }
  pool.join();
  EXPECT_EQ(taken, ended);
  EXPECT_EQ(0U, pool.bodies()) << "what was not taken holds no room";
}

TEST(BodyPool, PassesTheTurnOnWithoutMemory) {
  BodyPool pool;
  std::promise<BodyPool::Turn> turn;
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn& own) { turn.set_value(own); }, no_failure));
  BodyPool::Turn held = turn.get_future().get();
  std::atomic<bool> ended = false;
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn&) { ended = true; }, [&](std::string_view) { ended = true; }));
  refuse_allocations_from(0);
  held.reset();
  while (!ended) std::this_thread::yield();
  refuse_allocations_from(SIZE_MAX);
  std::promise<void> next;
  ASSERT_TRUE(pool.run(
      rex, 1, [&](const BodyPool::Turn&) { next.set_value(); }, no_failure));
  next.get_future().wait();
}

TEST(BodyPool, DropsAtItsEndWhatWaitsForATurnThatIsHeld) {
  BodyPool::Turn held;
  bool ran = false;
  auto owned = std::make_shared<int>(1);
  {
    BodyPool pool;
    std::promise<void> done;
    const auto hold = [&](const BodyPool::Turn& turn) {
      held = turn;
      done.set_value();
    };
    ASSERT_TRUE(pool.run(rex, 1, hold, no_failure));
    done.get_future().wait();
    ASSERT_TRUE(pool.run(
        rex, 1, [&ran, owned](const BodyPool::Turn&) { ran = true; }, no_failure));
    pool.join();
    EXPECT_EQ(1, owned.use_count());
    EXPECT_FALSE(pool.run(bob, 1, hold, no_failure));
  }
  held.reset();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace packwalk
