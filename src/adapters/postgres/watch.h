// Ends what waits for a server that stands still: libpq itself would wait for ever.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>

namespace packwalk::sql {

/// How long a server may be silent, whoever asks, unless the configuration says otherwise.
inline constexpr std::chrono::seconds usual_patience{30};
/// Of one that has much to do before it can say anything: it removes, counts or moves what thousands of dogs sent, or
/// makes an index of it.
inline constexpr std::chrono::hours long_patience{1};

/// While it lives, calls of libpq on `client` end with an error, and the connection is lost, when the server was silent
/// for `patience`, or when the work of the thread must end (base/work_limits.h). Of one thread. It shuts the socket, so
/// that a call ends whatever it waits for; PQcancel would wait for the server itself.
class Watch {
 public:
  Watch(PGconn* client, std::chrono::milliseconds patience);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  /// The server has said something.
  void go_on();
  /// Whether it has ended what waited.
  bool has_ended() const { return ended_; }

 private:
  friend class Watcher;
  void end();

  const int socket_;  // another number of the client's, which libpq may close at any time; -1: there is none
  const std::chrono::milliseconds patience_;
  std::atomic<std::chrono::steady_clock::time_point> deadline_;
  std::atomic<bool> ended_ = false;
  std::size_t index_ = 0;  // in the list of the watcher
  std::optional<std::stop_callback<std::function<void()>>> when_gone_;
};

}  // namespace packwalk::sql
