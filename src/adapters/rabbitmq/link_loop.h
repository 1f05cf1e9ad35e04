// A thread with a link, which it opens again whenever it is lost.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "adapters/rabbitmq/link.h"

namespace packwalk::rabbitmq {

constexpr std::chrono::milliseconds wait_max{500};  // heartbeats are sent between

/// What is done with a link; all of it on the thread of the loop. An exception out of any of these but lose() costs the
/// link.
class LinkDuties {
 public:
  virtual ~LinkDuties() = default;

  /// The queues are there.
  virtual Result<void> begin(Link& link) = 0;
  /// Sends what there is to send.
  virtual Result<void> work(Link& link) = 0;
  virtual Result<void> take(Link& link, Event event) = 0;
  /// The link is gone, or could not be opened.
  virtual void lose(const Error& why) = 0;
  /// Whether there is room for more of what comes.
  virtual bool has_room() { return true; }
  /// When there is work next, whatever comes.
  virtual std::chrono::steady_clock::time_point due_at() { return std::chrono::steady_clock::now() + wait_max; }
  /// Whether the loop may end, once it was told to.
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
  /// There is something to do. Thread-safe.
  void wake() const;
  /// Ends when the duties are finished, the link is lost, or options.stop_max have passed; waits for that.
  void stop();

 private:
  void run();
  /// With another link, or why there is none any more.
  Result<void> serve_next();
  /// Until it is lost, or all is done.
  Result<void> serve(Link& link);
  /// All that has come, as long as there is room.
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
