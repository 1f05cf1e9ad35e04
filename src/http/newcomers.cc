#include "http/newcomers.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <iterator>
#include <optional>
#include <utility>

namespace packwalk {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t waiting_max = 64;
constexpr std::chrono::milliseconds silence_allowed{
    250};  // time of a silent new connection, if another one needs its seat
constexpr std::chrono::milliseconds unfinished_allowed{
    2000};  // time of a request without a valid token, if another connection needs its seat

/// Writes an IPv4 address in one form, also on a dual-stack socket.
std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

bool waits(const Worker& worker, IdleConnections WaitingConnections::*kind, std::chrono::milliseconds time) {
  return worker.waits_since(kind) <= (std::chrono::steady_clock::now() - time).time_since_epoch().count();
}

}  // namespace

void Newcomers::admit(Worker& worker, tcp::socket socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return;  // the peer is gone
  std::string address = address_text(endpoint.address());
  const std::uint64_t key = address_key(address);
  const auto outcome = seats_.take(key);
  if (outcome == ConnectionSeats::Outcome::taken) {
    return worker.add(std::move(socket), Seat(seats_, key), std::move(address));
  }
  // Each waiting connection has an open file, and files may be scarce.
  if (waiting_.size() >= std::min(waiting_max, connections_max_ / 8 + 1)) return;
  waiting_.push_back(
      {worker, std::move(socket), key, std::move(address), outcome == ConnectionSeats::Outcome::address_is_full});
  make_room(std::prev(waiting_.end()));
}

/// Ends one connection after another until the newcomer has a seat: first an idle one, then a silent one, then an
/// unfinished one, of each worker in turn.
void Newcomers::make_room(Position newcomer) {
  while (newcomer->step < 2 + workers_.size()) {
    const std::size_t step = newcomer->step++;
    Worker* const worker = step == 0   ? longest_waiting(&WaitingConnections::kept_alive)
                           : step == 1 ? longest_waiting(&WaitingConnections::silent, silence_allowed)
                                       : workers_[step - 2].get();
    if (!worker || (step > 1 && !waits(*worker, &WaitingConnections::unfinished, unfinished_allowed))) continue;
    return worker->end_one(choice_for(*newcomer, step), [this, newcomer] {
      asio::post(workers_.front()->context(), [this, newcomer] { admit_after_other(newcomer); });
    });
  }
  waiting_.erase(newcomer);
}

/// An address never loses a connection to an address that has more. Silent and unfinished connections give way only to
/// an address with few connections or to their own: behind a proxy, all have the same.
std::function<AcceptedConnection*(WaitingConnections&)> Newcomers::choice_for(const Newcomer& newcomer,
                                                                              std::size_t step) const {
  const bool own_only = newcomer.own_only || (step > 0 && !seats_.has_few(newcomer.key));
  return [&seats = seats_, step, key = newcomer.key, own_only](WaitingConnections& waiting) -> AcceptedConnection* {
    const auto before = std::chrono::steady_clock::now() - unfinished_allowed;
    AcceptedConnection* const chosen =
        step == 0   ? waiting.kept_alive.longest()
        : step == 1 ? waiting.silent.longest()
                    : waiting.unfinished.of_fullest(before, seats, own_only ? std::optional(key) : std::nullopt);
    if (!chosen) return nullptr;
    const std::uint64_t other = chosen->address();
    const bool may_end = other == key || (!own_only && seats.count_of(other) >= seats.count_of(key));
    return may_end ? chosen : nullptr;
  };
}

/// Empty if no connection has waited that long.
Worker* Newcomers::longest_waiting(IdleConnections WaitingConnections::*kind, std::chrono::milliseconds time) const {
  const auto longest = std::min_element(workers_.begin(), workers_.end(), [kind](const auto& a, const auto& b) {
    return a->waits_since(kind) < b->waits_since(kind);
  });
  return waits(**longest, kind, time) ? longest->get() : nullptr;
}

void Newcomers::admit_after_other(Position newcomer) {
  if (seats_.take(newcomer->key) != ConnectionSeats::Outcome::taken) return make_room(newcomer);
  Newcomer admitted = std::move(*newcomer);
  waiting_.erase(newcomer);
  admitted.worker.add(std::move(admitted.socket), Seat(seats_, admitted.key), std::move(admitted.address));
}

}  // namespace packwalk
