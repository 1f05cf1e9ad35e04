// A thread with a link, which it reopens when it is lost.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "adapters/rabbitmq/link.h"

namespace packwalk::rabbitmq {

constexpr std::chrono::milliseconds wait_max{500};  // heartbeats are sent between batches of this size

/// The work on a link, on the thread of the loop. An exception from any of these except lose() ends the link.
class LinkDuties {
 public:
  virtual ~LinkDuties() = default;

  /// The queues are there.
  virtual Result<void> begin(Link& link) = 0;
  /// Sends the waiting messages.
  virtual Result<void> work(Link& link) = 0;
  virtual Result<void> take(Link& link, Event event) = 0;
  /// The link is gone, or could not be opened.
  virtual void lose(const Error& why) = 0;
  /// Whether there is room for more incoming messages.
  virtual bool has_room() { return true; }
  /// The time of the next work, even without events.
  virtual std::chrono::steady_clock::time_point due_at() { return std::chrono::steady_clock::now() + wait_max; }
  /// Whether the loop may end after a stop request.
  virtual bool finished() = 0;
};

class LinkLoop {
 public:
  /// `duties` outlive it. Nothing runs before start().
  LinkLoop(BrokerOptions options, LinkDuties& duties);
  LinkLoop(const LinkLoop&) = delete;
  LinkLoop& operator=(const LinkLoop&) = delete;
  ~LinkLoop();

  void start();
  /// Wakes the loop. Thread-safe.
  void wake() const;
  /// Stops the loop when the duties are finished, the link is lost, or options.stop_max has passed. Waits for that.
  void stop();

 private:
  void run();
  /// Runs with a new link, or reports why there is none.
  Result<void> serve_next();
  /// Runs until the link is lost or all work is done.
  Result<void> serve(Link& link);
  /// Handles all events, as long as there is room.
  Result<void> take_events(Link& link);
  Result<void> begin(Link& link);
  std::chrono::milliseconds due_in();
  void pause();

  const BrokerOptions options_;
  LinkDuties& duties_;
  const int wake_;  // an eventfd
  std::atomic<bool> stopping_ = false;
  std::chrono::steady_clock::time_point stop_by_;  // set before stopping_ is
  std::size_t next_url_ = 0;
  std::chrono::milliseconds pause_{0};
  std::thread thread_;
};

}  // namespace packwalk::rabbitmq
