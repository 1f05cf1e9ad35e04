#include "http/worker.h"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds sweep_interval{500};
constexpr std::chrono::milliseconds pause_after_fault{10};

}  // namespace

void Worker::start(std::function<void()> each_sweep) {
  each_sweep_ = std::move(each_sweep);
  sweep();
  thread_ = std::thread([this] { run(); });
}

/// An exception of a handler ends only run(); the other handlers wait for the next run().
void Worker::run() {
  while (!context_.stopped()) {
    try {
      if (!is_sweeping_) sweep();
      context_.run();
    } catch (const std::exception& error) {
      report(error.what());
      std::this_thread::sleep_for(pause_after_fault);
    } catch (...) {
      report("an object was thrown that is not an exception");
      std::this_thread::sleep_for(pause_after_fault);
    }
  }
}

void Worker::report(const char* what) noexcept {
  try {
    parts_.report(what);
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to report it
  }
}

void Worker::add(asio::ip::tcp::socket socket, Seat seat, std::string remote_address) {
  asio::post(context_, [this, socket = std::move(socket), seat = std::move(seat),
                        remote_address = std::move(remote_address)]() mutable {
    if (is_draining_) return;
    const auto end = [this](const AcceptedConnection* ended) {
      delete ended;
      connections_.fetch_sub(1, std::memory_order_relaxed);
    };
    connections_.fetch_add(1, std::memory_order_relaxed);
    std::unique_ptr<AcceptedConnection> made;
    try {
      made = parts_.make({std::move(socket), std::move(seat), std::move(remote_address), waiting_});
    } catch (const std::exception&) {
      connections_.fetch_sub(1, std::memory_order_relaxed);
      throw;
    }
    const std::shared_ptr<AcceptedConnection> connection(made.release(), end);
    added_.push_back(connection);
    connection->start();
  });
}

void Worker::end_one(std::function<AcceptedConnection*(WaitingConnections&)> choose, std::function<void()> then) {
  asio::post(context_, [this, choose = std::move(choose), then = std::move(then)] {
    if (AcceptedConnection* const chosen = choose(waiting_)) chosen->abort();
    then();
  });
}

void Worker::drain() {
  asio::post(context_, [this] {
    is_draining_ = true;
    sweep_connections();
  });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] {
    for (const auto& weak : added_) {
      if (const auto connection = weak.lock()) connection->abort();
    }
    context_.stop();
  });
  thread_.join();
}

/// While seats are scarce, a silent new connection must not keep one for long.
void Worker::sweep_connections() {
  const auto now = AcceptedConnection::Clock::now();
  for (const auto& weak : added_) {
    const auto connection = weak.lock();
    if (!connection) continue;
    if (connection->is_silent(now, parts_.first_byte_timeout) && parts_.seats.are_scarce()) {
      connection->abort();
      continue;
    }
    connection->look_after(now);
    if (is_draining_) connection->finish();
  }
  std::erase_if(added_, [](const auto& weak) { return weak.expired(); });
}

/// One timer for all connections: one per request would cost more than parsing the request.
void Worker::sweep() {
  is_sweeping_ = false;  // if the next lines throw, run() calls it again
  timer_.expires_after(sweep_interval);
  timer_.async_wait([this](error_code error) {
    is_sweeping_ = false;
    if (error) return;
    sweep_connections();
    each_sweep_();
    sweep();
  });
  is_sweeping_ = true;
}

}  // namespace packwalk
