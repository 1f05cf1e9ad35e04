// The roles one by one, on ports in memory or on an embedded installation.
#include "packwalk/roles/roles_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "app/ingest/decode_upload.h"
#include "app/questions/empty_query_store.h"
#include "base/temporary_folder.h"
#include "packwalk/roles/admin_token_file.h"
#include "packwalk/roles/analysis_role.h"
#include "packwalk/roles/api_role.h"
#include "packwalk/roles/gateway_role.h"
#include "packwalk/roles/ingest_role.h"
#include "packwalk/roles/live_fan.h"
#include "packwalk/roles/open_roles.h"
#include "packwalk/roles/server.h"

namespace packwalk {
namespace {

constexpr std::int64_t now_seconds = 1'767'261'600;

DevicePosition position_of(std::int64_t device) {
  return {DeviceNumber{device},
          Fix{.position = LatLon::from_degrees(48.7, 44.5).value(), .timestamp = device_time(now_seconds)}};
}

/// Keeps what is put until it is taken; close() lets the rest be taken.
class MemoryQueue final : public PacketQueue {
 public:
  Result<void> put(Upload upload, Confirmation confirm) override {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return fail(Errc::unavailable, "closed");
      waiting_.push_back(std::move(upload));
    }
    changed_.notify_all();
    confirm({});
    return {};
  }
  UploadBatch take(std::size_t /*messages_max*/) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    UploadBatch batch;
    if (waiting_.empty()) return batch;
    batch.uploads.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    batch.tags.resize(1);
    batch.confirmations.resize(1);
    return batch;
  }
  void settle(UploadBatch /*batch*/, const Result<void>& outcome) override { EXPECT_TRUE(outcome); }
  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }
  QueueDepth depth(ServerTime /*now*/) const override {
    const std::lock_guard lock(mutex_);
    return {.uploads = waiting_.size(), .messages = 3, .failing = failing, .why = failing ? "the disk is full" : ""};
  }

  bool failing = false;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Upload> waiting_;  // guarded by mutex_
  bool closed_ = false;         // likewise
};

/// One device has a position. Counts how often it is read.
class OnePosition final : public EmptyQueryStore {
 public:
  Result<void> each_position(const std::function<void(const DevicePosition&)>& take) override {
    ++reads;
    if (outcome || outcome.error().code == Errc::corrupt) take(position_of(1));
    return outcome;
  }

  int reads = 0;
  Result<void> outcome;
};

class RolesTest : public testing::Test {
 protected:
  RolesTest() : shared_(config_.http, "test", ports_in_memory()) {}

  Config config_;
  Shared shared_;
};

TEST(FollowedPositions, AreReadAnewOnlyWhenSomeMayHaveBeenMissed) {
  OnePosition store;
  FollowedPositions positions(store);
  EXPECT_TRUE(positions.catch_up(true));
  EXPECT_EQ(1, store.reads);
  EXPECT_EQ(1U, positions.all().size());
  EXPECT_TRUE(positions.catch_up(true));
  EXPECT_TRUE(positions.catch_up(false));  // it has only just been read
  EXPECT_EQ(1, store.reads);
  positions.miss();
  EXPECT_TRUE(positions.catch_up(true));
  EXPECT_EQ(2, store.reads);
  const DevicePosition heard = position_of(2);
  positions.hear({&heard, 1});
  EXPECT_EQ(2U, positions.all().size());
}

TEST(FollowedPositions, AreReadAgainAfterAFailureAndServeWithoutAnImpossibleRow) {
  OnePosition store;
  FollowedPositions positions(store);
  store.outcome = fail(Errc::unavailable, "away");
  EXPECT_FALSE(positions.catch_up(true));
  EXPECT_FALSE(positions.catch_up(true));
  EXPECT_EQ(2, store.reads);
  store.outcome = fail(Errc::corrupt, "row 7");
  EXPECT_TRUE(positions.catch_up(true));
  EXPECT_TRUE(positions.catch_up(true));
  EXPECT_EQ(3, store.reads);
  EXPECT_EQ(1U, positions.all().size());
}

/// Follows as long as it lives.
class Source final : public LiveSource {
 public:
  explicit Source(int& alive) : alive_(alive) { ++alive_; }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() override { --alive_; }
  bool is_following() const override { return true; }

 private:
  int& alive_;
};

TEST_F(RolesTest, ApiFollowsOthersFromStartToDrain) {
  int alive = 0;
  LiveListener* listener = nullptr;
  const AdminToken token("0123456789abcdef0123456789abcdef");
  ApiRole role(config_, shared_,
               {.store = std::make_unique<OnePosition>(),
                .admin_token = token,
                .follow =
                    [&](LiveListener& told) {
                      listener = &told;
                      return Result<std::unique_ptr<LiveSource>>(std::make_unique<Source>(alive));
                    }},
               ApiRole::ToldHere::nothing);
  EXPECT_TRUE(role.catch_up());
  EXPECT_TRUE(role.start());
  EXPECT_EQ(1, alive);
  const DevicePosition heard = position_of(2);
  listener->hear({&heard, 1});
  Metrics::Levels levels;
  role.measure(levels);
  EXPECT_EQ(2U, levels.positions);
  role.drain();
  EXPECT_EQ(0, alive);
}

TEST_F(RolesTest, ApiFailsToStartWhereItCannotFollow) {
  const AdminToken token("0123456789abcdef0123456789abcdef");
  const auto follow = [](LiveListener&) -> Result<std::unique_ptr<LiveSource>> {
    return fail(Errc::invalid_input, "no url");
  };
  ApiRole role(config_, shared_, {std::make_unique<OnePosition>(), nullptr, token, follow}, ApiRole::ToldHere::nothing);
  EXPECT_FALSE(role.start());
}

TEST_F(RolesTest, GatewayClosesTheQueueWhenItRefuses) {
  const auto queue = std::make_shared<MemoryQueue>();
  GatewayRole role(config_, shared_, {queue, std::nullopt});
  EXPECT_TRUE(role.start());
  EXPECT_TRUE(queue->put({}, [](const Result<void>&) {}));
  role.refuse();
  EXPECT_FALSE(queue->put({}, [](const Result<void>&) {}));
  role.drain();
}

TEST_F(RolesTest, GatewayIsInTroubleWhileTheQueueFails) {
  const auto queue = std::make_shared<MemoryQueue>();
  GatewayRole role(config_, shared_, {queue, std::nullopt});
  EXPECT_EQ(Readiness{}, role.trouble());
  queue->failing = true;
  EXPECT_EQ((Readiness{Lack::queue, "the last packets could not be written to the queue: the disk is full"}),
            role.trouble());
  Metrics::Levels levels;
  role.measure(levels);
  EXPECT_EQ(3U, levels.queue.messages);
}

TEST_F(RolesTest, GatewayListensForABrokerThatAsks) {
  const auto queue = std::make_shared<MemoryQueue>();
  config_.mqtt.auth.emplace().port = 1234;
  GatewayRole silent(config_, shared_, {queue, std::nullopt});
  EXPECT_TRUE(silent.own_listeners().empty());
  GatewayRole asked(config_, shared_, {queue, MqttDoor{"/", "packets"}});
  const auto listeners = asked.own_listeners();
  ASSERT_EQ(1U, listeners.size());
  const auto& http = std::get<OwnRoutes>(listeners[0].serves);
  EXPECT_EQ(1234, http.options.port);
  EXPECT_FALSE(http.routes.empty());
}

/// Tells the test by which rules it was called.
class ToldKeeper final : public StoreKeeper {
 public:
  explicit ToldKeeper(std::optional<ServerTime> oldest = std::nullopt) : oldest_(oldest) {}

  Result<KeeperReport> keep(ServerTime /*now*/, const KeepRules& rules) override {
    const std::lock_guard lock(mutex_);
    rules_ = rules;
    called_.notify_all();
    return KeeperReport{};
  }
  Result<std::optional<ServerTime>> oldest_event() override { return oldest_; }
  KeepRules rules() {
    std::unique_lock lock(mutex_);
    called_.wait(lock, [this] { return rules_.has_value(); });
    return *rules_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable called_;
  std::optional<KeepRules> rules_;  // guarded by mutex_
  const std::optional<ServerTime> oldest_;
};

TEST(Keeper, ReportsTheAgeOfTheOldestEvent) {
  SetClock clock;
  ClockAlarm alarm(clock);
  Keeper keeper(std::make_unique<ToldKeeper>(clock.now() - std::chrono::seconds(5)), {}, clock, alarm);
  EXPECT_EQ(std::chrono::seconds(0), keeper.oldest_event_age());
  keeper.start();
  while (keeper.oldest_event_age() == std::chrono::seconds(0)) std::this_thread::yield();
  EXPECT_EQ(std::chrono::seconds(5), keeper.oldest_event_age());
}

TEST(Keeper, DropsNothingWhileTheClockMayBeWrong) {
  SetClock clock;
  ClockAlarm alarm(clock);
  alarm.look();
  const KeepRules rules{.messages_days = 30, .fixes_months = 6, .when_old = WhenOld::drop, .events_days = 7};
  const auto kept = [&] {
    auto told = std::make_unique<ToldKeeper>();
    ToldKeeper& store = *told;
    Keeper keeper(std::move(told), rules, clock, alarm);
    keeper.start();
    return store.rules();
  };
  EXPECT_EQ(30, kept().messages_days);
  clock.advance(std::chrono::hours(24));
  const KeepRules doubtful = kept();
  EXPECT_EQ(0, doubtful.messages_days);
  EXPECT_EQ(0, doubtful.fixes_months);
  EXPECT_EQ(0, doubtful.events_days);
  EXPECT_EQ(WhenOld::drop, doubtful.when_old);
}

/// What one role or all are tried on.
class EmbeddedTest : public testing::Test {
 protected:
  EmbeddedTest() : installation_(Installation::make(InstallationOptions{folder_.file("data"), {}}).value()) {}

  /// One that is registered.
  DeviceNumber add_device() {
    const auto opened = installation_.device_registry();
    const std::vector<NewDevice> devices = {{DeviceId::from_text("rex").value(), hash_of_token(make_token())}};
    EXPECT_TRUE((*opened)->add(devices, server_time(now_seconds * 1'000'000)));
    DeviceNumber number;
    EXPECT_TRUE((*opened)->changes_since(
        0, [&](const DeviceRecord& record) { number = record.device.number; }, leave_out));
    return number;
  }

  TemporaryFolder folder_;
  Installation installation_;
};

TEST_F(EmbeddedTest, IngestCommitsAllThatTheQueueHoldsBeforeItsDrainEnds) {
  const DeviceNumber rex = add_device();
  Shared shared(installation_.config().http, "test", ports_in_memory());
  const auto queue = std::make_shared<MemoryQueue>();
  IngestRole role(installation_.config(), shared,
                  {.source = queue,
                   .store = installation_.ingest_store(shared.clock).value(),
                   .keeper = installation_.keeper().value(),
                   .archive = {},
                   .live = std::make_unique<LiveFan>(nullptr, nullptr)});
  constexpr std::int64_t count = 20;
  for (std::int64_t i = 0; i < count; ++i) {
    Upload upload{.device = rex,
                  .received_at = server_time(now_seconds * 1'000'000 + i),
                  .transport = Transport::http_json,
                  .body = R"({"type":"track","timestamp":)" + std::to_string(now_seconds - i) +
                          R"(,"lat":48.7,"lon":44.5,"status":0})",
                  .unreadable = {},
                  .messages = {}};
    ASSERT_TRUE(decode_upload(upload, installation_.config().packets.rules));
    ASSERT_TRUE(queue->put(std::move(upload), [](const Result<void>&) {}));
  }
  ASSERT_TRUE(role.start());
  role.refuse();
  role.drain();
  const auto fixes =
      installation_.query_store().value()->fixes(rex, {device_time(0), device_time(now_seconds + 1)}, 100);
  ASSERT_TRUE(fixes);
  EXPECT_EQ(static_cast<std::size_t>(count), fixes->size());
  EXPECT_EQ(Readiness{}, role.trouble());
}

TEST_F(EmbeddedTest, AnalysisRunsUntilItIsDrained) {
  SetClock clock;
  AnalysisRole role(installation_.analysis_store().value(), installation_.config().analysis.rules, clock,
                    Failing::is_trouble);
  Metrics::Levels levels;
  role.measure(levels);
  EXPECT_TRUE(levels.analysis.has_value());
  EXPECT_TRUE(role.start());
  role.drain();
  EXPECT_EQ(Readiness{}, role.trouble());
}

TEST_F(EmbeddedTest, AllRolesServeTogetherAndStop) {
  AdminTokenFile token(installation_.directory());
  auto opened = open_roles(installation_, every_role, "serve", token);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(role_commands.size(), opened->roles.size());
  HttpSection http = installation_.config().http;
  OpsSection ops = installation_.config().ops;
  http.port = ops.port = 0;
  Server server(http, ops, *opened->shared, std::move(opened->roles));
  ASSERT_TRUE(server.start());
  EXPECT_NE(std::string::npos, answer_of(server.port(), "/readyz").find("ready\n"));
  EXPECT_NE(std::string::npos, answer_of(server.port(), "/v1/positions").find(" 401 "));
  EXPECT_NE(std::string::npos, answer_of(server.ops_port(), "/metrics").find("role=\"serve\""));
  server.stop();
}

TEST_F(EmbeddedTest, RolesApartNeedADatabase) {
  AdminTokenFile token(installation_.directory());
  const auto opened = open_roles(installation_, {.api = true}, "api", token);
  ASSERT_FALSE(opened);
  EXPECT_EQ(
      "store.url is not set, but roles in processes of their own share a database. Set store.url, or run `packwalk "
      "serve`",
      opened.error().detail);
  EXPECT_FALSE(std::filesystem::exists(installation_.path_of("admin.token")));
}

TEST_F(EmbeddedTest, TheAdministratorsTokenFollowsItsFile) {
  AdminTokenFile file(installation_.directory());
  const auto token = file.read();
  ASSERT_TRUE(token);
  EXPECT_TRUE((*token)->is(installation_.directory().read_admin_token().value()));
  file.follow();
  const std::string other(40, 'x');
  std::ofstream(installation_.path_of("admin.token")) << other << '\n';
  while (!(*token)->is(other)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::ofstream(installation_.path_of("admin.token")) << "short\n";
  EXPECT_TRUE((*token)->is(other));
}

/// Remembers the last refusals.
class ToldHealth final : public DeviceHealth {
 public:
  explicit ToldHealth(std::vector<DeviceRefusal>& told) : told_(told) {}
  Result<void> note(std::span<const DeviceRefusal> refusals) override {
    told_.insert(told_.end(), refusals.begin(), refusals.end());
    return {};
  }
  Result<void> each(const std::function<void(const DeviceReport&)>& /*take*/) override { return {}; }

 private:
  std::vector<DeviceRefusal>& told_;
};

TEST(RefusalLog, KeepsTheLastRefusalOfEachDeviceAtTheEnd) {
  std::vector<DeviceRefusal> kept;
  SetClock clock;
  const DeviceDirectory directory(std::make_unique<NoDevices>());
  RefusalLog log(directory, clock, std::make_unique<ToldHealth>(kept));
  log.start();
  log.note({.door = "osmand", .reason = "day_limit", .device = DeviceNumber{4}});
  log.note({.door = "osmand", .reason = "invalid", .device = DeviceNumber{4}});
  log.end();
  ASSERT_FALSE(kept.empty());
  EXPECT_EQ("invalid", kept.back().reason);
  const std::size_t count = kept.size();
  log.note({.door = "osmand", .reason = "day_limit", .device = DeviceNumber{5}});
  log.end();
  EXPECT_EQ(count, kept.size());
}

}  // namespace
}  // namespace packwalk
