// Watches a socket of librabbitmq: how much it accepts without blocking, and a deadline for calls that block.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace packwalk::rabbitmq {

/// librabbitmq blocks forever if the socket is full and the peer does not read. So we write only if there is room, and
/// end a call past its deadline by shutting down the socket.
class SocketWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// `socket` is connected. Its owner may close it first.
  explicit SocketWatch(int socket);
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;
  ~SocketWatch();

  /// A lower bound of the bytes that can be written now without blocking; 0 if the socket is full.
  std::size_t room() const;
  /// Whether there is something to read, the end of the connection included.
  bool has_something() const;

  /// While it lives, calls may use the socket. If it lives too long, the socket is shut down. They may be nested.
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

  const int socket_;                    // a duplicate, so that the number cannot be reused for another file
  std::atomic<Clock::duration> until_;  // since the epoch of the clock; max: no call is under way
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace packwalk::rabbitmq
