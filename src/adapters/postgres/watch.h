// Ends calls that wait for a server that hangs: libpq itself would wait forever.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>

namespace packwalk::sql {

/// The default for the longest silence of a server.
inline constexpr std::chrono::seconds usual_patience{30};
/// The longest silence during long operations: deleting, counting, moving or indexing the data of thousands of dogs.
inline constexpr std::chrono::hours long_patience{1};

/// While it lives, calls of libpq on `client` fail, and the connection is lost, if the server is silent for `patience`
/// or at the limits of the thread's work (base/work_limits.h). For one thread. It shuts down the socket, so that any
/// call ends; PQcancel would itself wait for the server.
class Watch {
 public:
  Watch(PGconn* client, std::chrono::milliseconds patience);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  /// Call it when the server has sent something.
  void go_on();
  /// Whether it has ended a call.
  bool has_ended() const { return ended_; }

 private:
  friend class Watcher;
  void end();

  const int socket_;  // a duplicate of the client's descriptor, which libpq may close at any time; -1: there is none
  const std::chrono::milliseconds patience_;
  std::atomic<std::chrono::steady_clock::time_point> deadline_;
  std::atomic<bool> ended_ = false;
  std::size_t index_ = 0;  // in the list of the watcher
  std::optional<std::stop_callback<std::function<void()>>> when_gone_;
};

}  // namespace packwalk::sql
