#include "adapters/postgres/replicated_query_store.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "adapters/postgres/client.h"
#include "base/text.h"
#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{500};
constexpr std::chrono::seconds believed_for{3};  // a look that takes longer says nothing

// Places in the log, as numbers. A server that is no replica any more has none to tell.
constexpr const char* written_place = "SELECT pg_current_wal_lsn() - '0/0'";
constexpr const char* replayed_place = "SELECT pg_last_wal_replay_lsn() - '0/0' WHERE pg_is_in_recovery()";

using Place = std::uint64_t;

/// A connection that asks one question again and again.
class Asker {
 public:
  Asker(std::string url, const char* question) : url_(std::move(url)), question_(question) {}

  std::optional<Place> ask() {
    if (!client_) {
      auto connected = connect_client(url_);
      if (!connected) return std::nullopt;
      client_ = *std::move(connected);
    }
    const Answer answer = exec(client_, question_, believed_for);
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK || PQntuples(answer.get()) == 0) {
      client_.reset();  // its url may lead to another server by now
      return std::nullopt;
    }
    return number_from<Place>(PQgetvalue(answer.get(), 0, 0));
  }

 private:
  const std::string url_;
  const char* const question_;
  Client client_;
};

class Replica {
 public:
  Replica(const std::string& primary_url, const std::string& url, std::chrono::seconds lag_max,
          std::unique_ptr<QueryStore> store)
      : store_(std::move(store)),
        lag_max_(lag_max),
        primary_(primary_url, written_place),
        replica_(url, replayed_place),
        thread_([this] { run(); }) {}
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;
  ~Replica() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stopped_.notify_all();
    thread_.join();
  }

  QueryStore& store() { return *store_; }
  bool is_near() const { return Clock::now() < near_until_.load(); }
  void fail() { near_until_ = Clock::time_point(); }

 private:
  struct Written {
    Clock::time_point at;
    Place place;
  };

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, look_interval, [this] { return stopping_; })) {
      lock.unlock();
      look();
      lock.lock();
    }
  }

  void look() {
    const auto began = Clock::now();
    const auto written = primary_.ask();
    const auto replayed = replica_.ask();
    if (!replayed) {
      fail();
      was_near_ = false;
      return;
    }
    if (written) {
      written_.push_back({began, *written});
      while (written_.front().at < began - lag_max_) written_.pop_front();
      was_near_ =
          std::any_of(written_.begin(), written_.end(), [&](const Written& each) { return each.place <= *replayed; });
    }
    near_until_ = was_near_ ? Clock::now() + believed_for : Clock::time_point();
  }

  const std::unique_ptr<QueryStore> store_;
  const std::chrono::seconds lag_max_;
  Asker primary_;  // of the thread, like all to was_near_
  Asker replica_;
  std::deque<Written> written_;  // within lag_max_
  bool was_near_ = false;
  std::atomic<Clock::time_point> near_until_ = Clock::time_point();

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

class ReplicatedQueryStore final : public QueryStore {
 public:
  ReplicatedQueryStore(std::unique_ptr<QueryStore> primary, std::vector<std::unique_ptr<Replica>> replicas)
      : primary_(std::move(primary)), replicas_(std::move(replicas)) {}

  Result<std::vector<Fix>> fixes(DeviceNumber device, TimeRange range, std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.fixes(device, range, limit); });
  }
  Result<std::vector<Sample>> samples(DeviceNumber device, TimeRange range, std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.samples(device, range, limit); });
  }
  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict, MessageCursor after,
                                              std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.messages(device, verdict, after, limit); });
  }
  Result<std::vector<Track>> tracks(DeviceNumber device, TimeRange range, std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.tracks(device, range, limit); });
  }
  Result<std::vector<ActivitySum>> activity(DeviceNumber device, TimeRange range) override {
    return ask([&](QueryStore& store) { return store.activity(device, range); });
  }
  Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber device, TimeRange range, const WalkCursor& after,
                                                     std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.joint_walks(device, range, after, limit); });
  }
  Result<std::vector<OfPair<JointWalk>>> joint_walks_of_pair(DeviceNumber a, DeviceNumber b, TimeRange range,
                                                             const WalkCursor& after, std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.joint_walks_of_pair(a, b, range, after, limit); });
  }
  Result<std::vector<Companion>> companions(DeviceNumber device, TimeRange range, const CompanionCursor& after,
                                            std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.companions(device, range, after, limit); });
  }
  Result<CurrentState> state(DeviceNumber device) override {
    return ask([&](QueryStore& store) { return store.state(device); });
  }
  Result<std::vector<StaleWindow>> stale_windows(DeviceNumber device) override {
    return primary_->stale_windows(device);
  }
  Result<void> each_position(const std::function<void(const DevicePosition&)>& take) override {
    return primary_->each_position(take);
  }

 private:
  template <class Question>
  std::invoke_result_t<Question, QueryStore&> ask(const Question& question) {
    const std::size_t first = next_++;
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      Replica& replica = *replicas_[(first + i) % replicas_.size()];
      if (!replica.is_near()) continue;
      auto answer = question(replica.store());
      if (answer || work_limits().gone.stop_requested()) return answer;
      replica.fail();
      if (work_must_end()) return answer;
    }
    return question(*primary_);
  }

  const std::unique_ptr<QueryStore> primary_;
  const std::vector<std::unique_ptr<Replica>> replicas_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace

std::unique_ptr<QueryStore> make_replicated_query_store(
    const std::string& primary_url, const ReplicaOptions& options,
    const std::function<std::unique_ptr<QueryStore>(const std::string& url)>& store_at) {
  std::vector<std::unique_ptr<Replica>> replicas;
  for (const std::string& url : options.urls) {
    replicas.push_back(std::make_unique<Replica>(primary_url, url, options.lag_max, store_at(url)));
  }
  return std::make_unique<ReplicatedQueryStore>(store_at(primary_url), std::move(replicas));
}

}  // namespace packwalk::sql
