// How a connection reads, and the limits on its requests.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <utility>

#include "http/http_connection.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t linger_bytes_max = 16UL * 1024 * 1024;  // read and discarded before the connection is closed
constexpr std::chrono::seconds linger_timeout{5};
constexpr std::size_t read_progress_bytes = 64UL * 1024;  // of a device's body, per time of a request
constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

/// Starts the deadline of the request that is being read.
void HttpConnection::read_on() {
  if (!charge_request(reading_ ? input_.capacity() : input_.capacity_for_room())) {
    return phase_ == Phase::draining ? end_gently() : refuse_bytes(too_many_bytes());
  }
  if (!waits() && !is_admitted_) wait_in(parser_->has_begun() ? waiting().unfinished : waiting().kept_alive);
  if (reading_) return;
  if (peer_ended_) return abort();  // an incomplete request cannot be answered
  start_read();
}

/// Whether only the peer delays the connection.
bool HttpConnection::waits_for_peer() const {
  return phase_ == Phase::body || phase_ == Phase::writing || phase_ == Phase::draining || phase_ == Phase::lingering;
}

/// Whether a newcomer may get its seat while its peer is slow. A valid token protects from that, but a device's token
/// only a few connections: otherwise one token could occupy all seats, from a few addresses.
bool HttpConnection::must_give_way() {
  if (!is_admitted_) return true;
  if (device_ == 0 || device_seat_) return false;
  if (parts_.device_seats.take(device_) != ConnectionSeats::Outcome::taken) return true;
  device_seat_.emplace(parts_.device_seats, device_);
  return false;
}

/// Reads ahead to detect that the caller is gone. Bounded by the buffer, which does not grow for it.
void HttpConnection::read_ahead() {
  if (heeds_gone() && !reading_ && !peer_ended_ && !input_.is_full()) start_read();
}

void HttpConnection::start_read() {
  const InputBuffer::Room room = input_.room();
  socket().async_read_some(asio::buffer(room.data, room.size), [self = self()](error_code error, std::size_t bytes) {
    self->reading_ = false;
    self->guard([&] { self->received(error, bytes); });
  });
  reading_ = true;
}

void HttpConnection::received(error_code error, std::size_t bytes) {
  if (is_closed()) return;
  const bool is_busy = phase_ == Phase::deciding || is_waited_for() || phase_ == Phase::writing || is_continuing_;
  if (error) {
    if (error != asio::error::eof || !is_busy) return abort();
    peer_ended_ = true;
    gone_.request_stop();
    return;
  }
  if (!waits_in(waiting().unfinished)) wait_no_more();
  input_.commit(bytes);
  if (phase_ == Phase::lingering) {
    linger_bytes_ += bytes;
    linger();
  } else if (is_waited_for()) {
    read_ahead();
  } else if (!is_busy) {
    take_received();
  }
}

void HttpConnection::take_received() {
  const bool is_more = !has_spoken() || !holds_empty_lines_only(input_.waiting());
  if (phase_ == Phase::head && !parser_->has_begun() && is_more) {
    set_deadline(Clock::now() + parts_.options.request_timeout);
  }
  note_spoken();
  take_input();
}

/// The bytes that the connection holds for requests, with a buffer of this size, without a small free part. Only small
/// requests with a valid token may use the reserve: strangers could otherwise occupy it from many addresses.
bool HttpConnection::charge_request(std::size_t buffer_bytes) {
  const std::size_t buffer = std::max(buffer_bytes, InputBuffer::capacity_min) - InputBuffer::capacity_min;
  const std::size_t bytes = buffer + held_bytes(parser_->request());
  if (bytes <= Charge::free_bytes) return request_charge_.set(bytes) && (!device_charge_ || device_charge_->set(bytes));
  const bool may_reserve = is_admitted_ && holds_little_with(bytes);
  const auto reserve = may_reserve ? ByteBudget::Reserve::open : ByteBudget::Reserve::closed;
  return request_charge_.set(bytes, reserve) && (!device_charge_ || device_charge_->set(bytes));
}

/// A device with a valid token is limited by what the device holds, at any address: behind a proxy, all have one
/// address.
bool HttpConnection::holds_little_with(std::size_t bytes) const {
  const Charge& charge = device_charge_ ? *device_charge_ : request_charge_;
  return charge.of_owner_with(bytes) <= parts_.little_bytes;
}

/// A phone needs long to send a month of points: with a valid token, the deadline restarts for each part of a body.
void HttpConnection::renew_read_deadline() {
  if (!is_admitted_ || parser_->request().body.size() - read_renewed_at_ < read_progress_bytes) return;
  read_renewed_at_ = parser_->request().body.size();
  set_deadline(Clock::now() + parts_.options.request_timeout);
}

/// A read may have been under way since the previous request. Its bytes wait, because the answer to them must not be
/// written at the same time.
void HttpConnection::send_continue() {
  continued_ = is_continuing_ = true;
  const auto sent = [self = self()](error_code error, std::size_t) {
    self->guard([&] {
      self->is_continuing_ = false;
      if (error || self->is_closed()) return self->abort();
      if (self->phase_ == Phase::body) self->take_input();
    });
  };
  asio::async_write(socket(), asio::buffer(continue_response), sent);
}

/// Reads the remaining bytes of the peer: closing a socket with unread bytes would destroy our answer on its way.
void HttpConnection::end_gently() {
  error_code ignored;
  socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  set_deadline(Clock::now() + linger_timeout);
  phase_ = Phase::lingering;
  linger();
}

void HttpConnection::linger() {
  input_.clear();
  if (linger_bytes_ > linger_bytes_max) return abort();
  read_on();
}

bool HttpConnection::peer_is_there() {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(socket().native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_state == TCP_ESTABLISHED;
}

}  // namespace packwalk
