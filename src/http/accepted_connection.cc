#include "http/accepted_connection.h"

namespace packwalk {

AcceptedConnection::AcceptedConnection(Accepted accepted)
    : waiting_(accepted.waiting),
      idle_entry_(*this, accepted.seat.address()),
      remote_address_(std::move(accepted.remote_address)),
      socket_(std::move(accepted.socket)),
      seat_(std::move(accepted.seat)) {
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

void AcceptedConnection::start() {
  guard([this] { begin(); });
}

void AcceptedConnection::look_after(Clock::time_point now) {
  if (is_late(now)) abort();
}

void AcceptedConnection::abort() {
  if (is_closed_) return;
  is_closed_ = true;
  wait_no_more();
  closing();
  boost::system::error_code ignored;
  socket_.close(ignored);
  seat_.leave();
}

void AcceptedConnection::wait_in(IdleConnections& list) {
  wait_no_more();
  idle_entry_.since = Clock::now();
  list.add(idle_entry_);
  waits_in_ = &list;
}

void AcceptedConnection::wait_no_more() {
  if (waits_in_) waits_in_->remove(idle_entry_);
  waits_in_ = nullptr;
}

void AcceptedConnection::fail(const char* what) noexcept {
  try {
    report(what);
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to report it
  }
  abort();
}

}  // namespace packwalk
