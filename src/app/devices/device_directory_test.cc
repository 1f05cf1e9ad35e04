#include "app/devices/device_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "base/work_limits.h"

namespace packwalk {
namespace {

using std::chrono::steady_clock;

DeviceId id(std::string_view text) { return DeviceId::from_text(text).value(); }

/// What several programs know: each device as it stands, and when it changed.
class SharedDevices {
 public:
  void put(const DeviceRecord& record) {
    const std::lock_guard lock(mutex_);
    devices_.insert_or_assign(record.device.number.value, std::pair(++revision_, record));
  }

  std::int64_t each_since(std::int64_t revision, const std::function<void(const DeviceRecord&)>& take) {
    const std::lock_guard lock(mutex_);
    ++asked_;
    for (const auto& [number, changed] : devices_) {
      if (changed.first > revision) take(changed.second);
    }
    return revision_;
  }

  int asked() const { return asked_; }

 private:
  std::mutex mutex_;
  std::map<std::int64_t, std::pair<std::int64_t, DeviceRecord>> devices_;  // guarded by mutex_
  std::int64_t revision_ = 0;                                              // guarded by mutex_
  std::atomic<int> asked_ = 0;
};

class ReadRegistry final : public DeviceRegistry {
 public:
  ReadRegistry(SharedDevices& devices, const std::atomic<bool>& broken) : devices_(devices), broken_(broken) {}

  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::optional<DeviceRecord>> find(const DeviceKey&) override { return fail(Errc::unavailable, "not asked"); }
  Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take, const ForgetDevice&) override {
    if (broken_) return fail(Errc::unavailable, "the disk is gone");
    return devices_.each_since(revision, take);
  }

 private:
  SharedDevices& devices_;
  const std::atomic<bool>& broken_;
};

class DeviceDirectoryTest : public testing::Test {
 protected:
  void put(std::int64_t number, std::string_view name, std::string_view token,
           std::initializer_list<std::string_view> replaced = {}) {
    DeviceRecord record{{.number = DeviceNumber{number}, .id = id(name)}, hash_of_token(token), {}};
    for (const std::string_view old : replaced) record.replaced_tokens.push_back(hash_of_token(old));
    devices.put(record);
  }
  void put_removed(std::int64_t number, std::string_view name) {
    devices.put({{.number = DeviceNumber{number}, .id = id(name), .removed_at = server_time(5)}, std::nullopt, {}});
  }
  TokenStanding standing(std::string_view token) { return directory.by_token(token).standing; }

  SharedDevices devices;
  std::atomic<bool> broken = false;
  DeviceDirectory directory{std::make_unique<ReadRegistry>(devices, broken)};
};

TEST_F(DeviceDirectoryTest, FindsADeviceByTokenIdAndNumber) {
  put(1, "rex", "a");
  put(2, "ada", "b");
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(TokenStanding::valid, standing("b"));
  EXPECT_EQ(DeviceNumber{2}, directory.by_token("b").device);
  EXPECT_EQ(DeviceNumber{1}, directory.by_id("rex"));
  EXPECT_EQ("ada", directory.id_of(DeviceNumber{2}));
  EXPECT_EQ(DeviceNumber{2}, directory.find("ada")->number);
  EXPECT_EQ(2u, directory.size());
}

TEST_F(DeviceDirectoryTest, TellsManyIdsAtOnce) {
  put(1, "rex", "a");
  put(2, "ada", "b");
  put_removed(3, "tom");
  ASSERT_TRUE(directory.refresh());
  const std::vector<DevicePosition> positions = {{DeviceNumber{2}, {}}, {DeviceNumber{3}, {}}, {DeviceNumber{1}, {}}};
  EXPECT_EQ((std::vector<std::string_view>{"ada", "", "rex"}), directory.ids_of(positions));
}

TEST_F(DeviceDirectoryTest, LooksAgainAfterARefreshForWhatMemoryDoesNotKnow) {
  const auto rex = [&] { return directory.by_id("rex"); };
  put(1, "rex", "a");
  EXPECT_EQ(std::nullopt, rex());
  EXPECT_EQ(DeviceNumber{1}, directory.look_again(rex, steady_clock::now()).value());
  const int asked = devices.asked();
  broken = true;
  EXPECT_EQ(DeviceNumber{1}, directory.look_again(rex, steady_clock::now()).value());
  EXPECT_EQ(asked, devices.asked()) << "memory knew it";
  const auto nobody = [&] { return directory.by_id("nobody"); };
  EXPECT_EQ(Errc::unavailable, directory.look_again(nobody, steady_clock::now()).error().code);
}

TEST_F(DeviceDirectoryTest, KnowsNobodyElse) {
  EXPECT_EQ(TokenStanding::unknown, standing("a")) << "before the first refresh";
  put(1, "rex", "a");
  ASSERT_TRUE(directory.refresh());
  for (const char* token : {"", "A", "a ", "aa"}) EXPECT_EQ(TokenStanding::unknown, standing(token)) << token;
  EXPECT_FALSE(directory.by_id("Rex"));
  EXPECT_FALSE(directory.find(""));
  EXPECT_EQ("", directory.id_of(DeviceNumber{2}));
}

TEST_F(DeviceDirectoryTest, TellsAReplacedTokenFromAnUnknownOne) {
  put(1, "rex", "first");
  ASSERT_TRUE(directory.refresh());
  put(1, "rex", "second", {"first"});
  EXPECT_EQ(TokenStanding::valid, standing("first")) << "until it learns of it";
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(TokenStanding::replaced, standing("first"));
  EXPECT_EQ(DeviceNumber{1}, directory.by_token("first").device);
  EXPECT_EQ(TokenStanding::valid, standing("second"));
  EXPECT_EQ(1u, directory.size());
}

TEST_F(DeviceDirectoryTest, ForgetsTheTokensOfARemovedDeviceForGood) {
  put(1, "rex", "second", {"first"});
  ASSERT_TRUE(directory.refresh());
  put_removed(1, "rex");
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(TokenStanding::unknown, standing("first"));
  EXPECT_EQ(TokenStanding::unknown, standing("second"));
  EXPECT_EQ(DeviceNumber{1}, directory.by_id("rex")) << "its history stays";
  EXPECT_TRUE(directory.find("rex")->removed_at);
  EXPECT_EQ("", directory.id_of(DeviceNumber{1}));
  EXPECT_EQ("rex", directory.id_ever_of(DeviceNumber{1}));

  put(1, "rex", "third");
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(TokenStanding::valid, standing("third"));
  EXPECT_EQ(TokenStanding::unknown, standing("first")) << "as for a program that starts now";
  EXPECT_EQ(TokenStanding::unknown, standing("second"));
  EXPECT_FALSE(directory.find("rex")->removed_at);
}

TEST_F(DeviceDirectoryTest, LetsATokenPassToAnotherDevice) {
  put(1, "rex", "a");
  put(2, "ada", "b");
  ASSERT_TRUE(directory.refresh());
  put(1, "rex", "b");  // told before ada's removal, as the numbers are in this order
  put_removed(2, "ada");
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(TokenStanding::valid, standing("b"));
  EXPECT_EQ(DeviceNumber{1}, directory.by_token("b").device);
}

TEST_F(DeviceDirectoryTest, DoesNotAskAgainForWhatWasLearntSince) {
  const auto before = steady_clock::now();
  ASSERT_TRUE(directory.refresh());
  ASSERT_TRUE(directory.refresh(before));
  EXPECT_EQ(1, devices.asked());
  put(1, "rex", "a");
  ASSERT_TRUE(directory.refresh(before));
  EXPECT_EQ(1, devices.asked());
  EXPECT_EQ(TokenStanding::unknown, standing("a"));
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(2, devices.asked());
  EXPECT_EQ(TokenStanding::valid, standing("a"));
}

TEST_F(DeviceDirectoryTest, KeepsWhatItKnowsWhileTheRegistryFails) {
  put(1, "rex", "a");
  ASSERT_TRUE(directory.refresh());
  put(2, "ada", "b");
  broken = true;
  const auto before = steady_clock::now();
  const auto refreshed = directory.refresh(before);
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(Errc::unavailable, refreshed.error().code);
  EXPECT_EQ(TokenStanding::valid, standing("a"));
  broken = false;
  ASSERT_FALSE(directory.refresh(before)) << "who asked before it failed is told so, and waits for no other";
  ASSERT_TRUE(directory.refresh()) << "a failure is no refresh";
  EXPECT_EQ(TokenStanding::valid, standing("b"));
}

/// Stands still until it is told to go on.
class SlowRegistry final : public DeviceRegistry {
 public:
  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::optional<DeviceRecord>> find(const DeviceKey&) override { return fail(Errc::unavailable, "not asked"); }
  Result<std::int64_t> changes_since(std::int64_t, const TakeDevice&, const ForgetDevice&) override {
    ++asked;
    asked.notify_all();
    may_answer.wait(false);
    return fail(Errc::unavailable, "it did not answer");
  }

  std::atomic<int> asked = 0;
  std::atomic<bool> may_answer = false;
};

TEST(DeviceDirectoryOfASlowRegistry, WhoeverAsksMeanwhileWaitsNoLongerThanHeMay) {
  auto owned = std::make_unique<SlowRegistry>();
  SlowRegistry& registry = *owned;
  DeviceDirectory directory(std::move(owned));
  std::jthread first([&] { EXPECT_FALSE(directory.refresh()); });
  registry.asked.wait(0);
  {
    const LimitedWork late({.deadline = steady_clock::now()});
    EXPECT_FALSE(directory.refresh());
  }
  std::stop_source caller;
  std::jthread second([&] {
    const LimitedWork work({.gone = caller.get_token()});
    EXPECT_FALSE(directory.refresh());
  });
  caller.request_stop();
  second.join();
  EXPECT_EQ(1, registry.asked);
  registry.may_answer = true;
  registry.may_answer.notify_all();
}

TEST_F(DeviceDirectoryTest, AnswersWhileItLearns) {
  constexpr std::int64_t rounds = 200;
  put(1, "rex", "always");
  ASSERT_TRUE(directory.refresh());
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([this] {
      for (std::int64_t i = 0; i < rounds; ++i) {
        EXPECT_EQ(TokenStanding::valid, standing("always"));
        EXPECT_EQ("rex", directory.id_of(directory.by_id("rex").value()));
        EXPECT_TRUE(directory.find("rex"));
        EXPECT_NE(TokenStanding::replaced, standing("token " + std::to_string(i)));
      }
    });
  }
  threads.emplace_back([this] {
    for (std::int64_t i = 0; i < rounds; ++i) EXPECT_TRUE(directory.refresh());
  });
  for (std::int64_t i = 2; i < rounds; ++i) {
    put(i, "dog-" + std::to_string(i), "token " + std::to_string(i));
    ASSERT_TRUE(directory.refresh());
    EXPECT_EQ(TokenStanding::valid, standing("token " + std::to_string(i)));
  }
  threads.clear();  // joins
  EXPECT_EQ(static_cast<std::size_t>(rounds - 1), directory.size());
}

}  // namespace
}  // namespace packwalk
