#include "adapters/postgres/replicas.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "adapters/postgres/client.h"
#include "base/text.h"

namespace packwalk::sql {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{500};
constexpr std::chrono::seconds believed_for{3};  // a slower query gives no result

// Positions in the log, as numbers. A server that is no longer a replica has none.
constexpr const char* written_position = "SELECT pg_current_wal_lsn() - '0/0'";
constexpr const char* replayed_position = "SELECT pg_last_wal_replay_lsn() - '0/0' WHERE pg_is_in_recovery()";

using LogPosition = std::uint64_t;

/// A connection that repeats one query.
class Asker {
 public:
  Asker(std::string url, const char* question) : url_(std::move(url)), question_(question) {}

  std::optional<LogPosition> ask() {
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
    return number_from<LogPosition>(PQgetvalue(answer.get(), 0, 0));
  }

 private:
  const std::string url_;
  const char* const question_;
  Client client_;
};

}  // namespace

class Replicas::Replica {
 public:
  Replica(const std::string& primary_url, const std::string& url, std::chrono::seconds lag_max)
      : lag_max_(lag_max),
        primary_(primary_url, written_position),
        replica_(url, replayed_position),
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

  bool is_near() const { return Clock::now() < near_until_.load(); }
  void fail() { near_until_ = Clock::time_point(); }

 private:
  struct Written {
    Clock::time_point at;
    LogPosition position;
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
      was_near_ = std::any_of(written_.begin(), written_.end(),
                              [&](const Written& each) { return each.position <= *replayed; });
    }
    near_until_ = was_near_ ? Clock::now() + believed_for : Clock::time_point();
  }

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

Replicas::Replicas(const std::string& primary_url, const ReplicaOptions& options) {
  for (const std::string& url : options.urls) {
    replicas_.push_back(std::make_unique<Replica>(primary_url, url, options.lag_max));
  }
}

Replicas::~Replicas() = default;

bool Replicas::is_near(std::size_t replica) const { return replicas_[replica]->is_near(); }
void Replicas::fail(std::size_t replica) { replicas_[replica]->fail(); }

}  // namespace packwalk::sql
