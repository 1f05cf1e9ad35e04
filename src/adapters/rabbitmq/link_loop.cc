#include "adapters/rabbitmq/link_loop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <random>
#include <string>
#include <utility>

namespace packwalk::rabbitmq {
namespace {

constexpr std::chrono::milliseconds pause_min{100};
constexpr std::chrono::milliseconds pause_max{5000};
constexpr std::chrono::seconds setup_max{20};  // from the first declaration until work begins

}  // namespace

LinkLoop::LinkLoop(BrokerOptions options, LinkDuties& duties)
    : options_(std::move(options)), duties_(duties), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

LinkLoop::~LinkLoop() {
  stop();
  ::close(wake_);
}

void LinkLoop::start() {
  thread_ = std::thread([this] { run(); });
}

void LinkLoop::wake() const {
  ::eventfd_write(wake_, 1);  // the counter is full, so it was signalled already
}

void LinkLoop::stop() {
  if (!stopping_) stop_by_ = std::chrono::steady_clock::now() + options_.stop_max;
  stopping_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void LinkLoop::run() {
  while (true) {
    auto served = serve_next();
    if (served) return;
    duties_.lose(served.error());
    if (stopping_) return;
    pause();
  }
}

/// An exception ends the link, like a lost broker: unacknowledged messages are redelivered.
Result<void> LinkLoop::serve_next() {
  try {
    auto link = Link::open(options_.urls[next_url_++ % options_.urls.size()], options_);
    if (!link) return link.failure();
    if (!stopping_) return serve(*link);
    link->close();  // waiting senders got their error when the previous link was lost
    return {};
  } catch (const std::exception& error) {  // for example, memory ran out
    return fail(Errc::unavailable, std::string("RabbitMQ: ") + error.what());
  }
}

Result<void> LinkLoop::serve(Link& link) {
  if (auto begun = begin(link); !begun) return begun;
  pause_ = std::chrono::milliseconds(0);
  while (true) {
    eventfd_t wakes = 0;
    ::eventfd_read(wake_, &wakes);
    if (auto sent = link.send_rest(); !sent) return sent;
    if (auto worked = duties_.work(link); !worked) return worked;
    if (auto taken = take_events(link); !taken) return taken;
    if (auto worked = duties_.work(link); !worked) return worked;
    if (stopping_ && duties_.finished()) {
      link.close();
      return {};
    }
    if (stopping_ && std::chrono::steady_clock::now() > stop_by_) {
      return fail(Errc::unavailable, "RabbitMQ: it does not answer, and the server is stopping");
    }
    if (auto beaten = link.beat(); !beaten) return beaten;
    if (duties_.has_room()) {
      link.wait(wake_, due_in());
    } else {
      link.rest(wake_, wait_max);
    }
  }
}

Result<void> LinkLoop::begin(Link& link) {
  const auto setup = link.within(setup_max);
  if (auto declared = link.declare(options_); !declared) return declared;
  return duties_.begin(link);
}

Result<void> LinkLoop::take_events(Link& link) {
  while (duties_.has_room()) {
    auto event = link.next_event();
    if (!event) return event.failure();
    if (!*event) break;
    if (auto taken = duties_.take(link, **std::move(event)); !taken) return taken;
  }
  return {};
}

std::chrono::milliseconds LinkLoop::due_in() {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(duties_.due_at() - std::chrono::steady_clock::now());
  return std::clamp(left, std::chrono::milliseconds(0), wait_max);
}

/// Growing pauses with jitter, so that processes do not reconnect all at once.
void LinkLoop::pause() {
  static thread_local std::minstd_rand random{std::random_device{}()};
  pause_ = std::clamp(pause_ * 2, pause_min, pause_max);
  const auto jittered = std::uniform_int_distribution<std::int64_t>(pause_.count() / 2, pause_.count())(random);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(jittered);
  while (!stopping_ && std::chrono::steady_clock::now() < until) {
    pollfd file{wake_, POLLIN, 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    ::poll(&file, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 1)));
    eventfd_t wakes = 0;
    ::eventfd_read(wake_, &wakes);
  }
}

}  // namespace packwalk::rabbitmq
