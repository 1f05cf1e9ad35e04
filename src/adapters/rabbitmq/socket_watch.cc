#include "adapters/rabbitmq/socket_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace packwalk::rabbitmq {
namespace {

constexpr std::chrono::milliseconds look_interval{250};

bool is_ready(int socket, short what) {
  pollfd file{socket, what, 0};
  return ::poll(&file, 1, 0) > 0 && file.revents != 0;
}

}  // namespace

SocketWatch::SocketWatch(int socket)
    : socket_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)), until_(Clock::duration::max()), thread_([this] { run(); }) {}

SocketWatch::~SocketWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
  ::close(socket_);
}

/// Linux reports a socket as writable when at least a third of its buffer is free. The buffer is counted with what the
/// kernel needs besides the bytes, which is at most as much again for writes of some size.
std::size_t SocketWatch::room() const {
  if (!is_ready(socket_, POLLOUT)) return 0;
  int buffer_bytes = 0;
  socklen_t size = sizeof buffer_bytes;
  if (::getsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, &size) != 0) return 0;
  constexpr int least = 1024;
  return static_cast<std::size_t>(std::max(buffer_bytes / 8, least));
}

bool SocketWatch::has_something() const { return is_ready(socket_, POLLIN); }

SocketWatch::Call::Call(SocketWatch& watch, std::chrono::milliseconds longest)
    : watch_(watch), before_(watch.until_.load(std::memory_order_relaxed)) {
  const auto until = Clock::now().time_since_epoch() + longest;
  watch_.until_.store(std::min<Clock::duration>(before_, until), std::memory_order_relaxed);
}

SocketWatch::Call::~Call() { watch_.until_.store(before_, std::memory_order_relaxed); }

void SocketWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, look_interval, [this] { return stop_; })) {
    if (Clock::now().time_since_epoch() > until_.load(std::memory_order_relaxed)) ::shutdown(socket_, SHUT_RDWR);
  }
}

}  // namespace packwalk::rabbitmq
