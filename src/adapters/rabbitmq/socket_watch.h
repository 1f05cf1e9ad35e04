// A socket that librabbitmq writes to: how much it takes without waiting, and a bound for calls that wait all the same.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace packwalk::rabbitmq {

/// librabbitmq waits without end when the socket has no room and the other side reads nothing. So nothing is written
/// unless there is room for it, and a call that has not returned in time is ended by shutting the socket down.
class SocketWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// `socket` is connected; who owns it may close it first.
  explicit SocketWatch(int socket);
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;
  ~SocketWatch();

  /// How many bytes can be written now without waiting; 0 when the socket is full. They may be fewer than would fit.
  std::size_t room() const;
  /// Whether there is something to read, the end of the connection included.
  bool has_something() const;

  /// While it lives, calls may use the socket; when it lives too long the socket is shut down. They may be nested.
  class Call {
   public:
    Call(SocketWatch& watch, std::chrono::milliseconds longest);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

   private:
    SocketWatch& watch_;
    const Clock::duration before_;
  };

 private:
  void run();

  const int socket_;                    // a descriptor of our own, so that its number is never somebody else's
  std::atomic<Clock::duration> until_;  // since the epoch of the clock; max: no call is under way
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace packwalk::rabbitmq
