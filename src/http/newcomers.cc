#include "http/newcomers.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <optional>
#include <utility>

namespace packwalk {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t waiting_max = 64;
constexpr std::chrono::seconds waiting_time_max{10};  // then it is lost: a worker had no memory to answer

/// The connections that give way if another one needs their seat: idle ones, silent new ones, and requests without a
/// valid token, in this order.
struct Stage {
  IdleConnections WaitingConnections::*kind;
  std::chrono::milliseconds time;  // that such a connection keeps its seat in any case
};
constexpr std::array stages = {Stage{&WaitingConnections::kept_alive, std::chrono::milliseconds(0)},
                               Stage{&WaitingConnections::silent, std::chrono::milliseconds(250)},
                               Stage{&WaitingConnections::unfinished, std::chrono::milliseconds(2000)}};

/// Writes an IPv4 address in one form, also on a dual-stack socket.
std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

bool waits(const Worker& worker, const Stage& stage) {
  return worker.waits_since(stage.kind) <= (Newcomers::Clock::now() - stage.time).time_since_epoch().count();
}

}  // namespace

void Newcomers::admit(Worker& worker, tcp::socket socket, Clock::time_point now) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return;  // the peer is gone
  std::string address = address_text(endpoint.address());
  const std::uint64_t key = address_key(address);
  const auto outcome = seats_.take(key);
  if (outcome == ConnectionSeats::Outcome::taken) {
    return worker.add(std::move(socket), Seat(seats_, key), std::move(address));
  }
  std::erase_if(waiting_, [now](const auto& each) { return now - each.second.came_at > waiting_time_max; });
  // Each waiting connection has an open file, and files may be scarce.
  if (waiting_.size() >= std::min(waiting_max, connections_max_ / 8 + 1)) return;
  const bool own_only = outcome == ConnectionSeats::Outcome::address_is_full;
  make_room(
      waiting_.try_emplace(++came_, Newcomer{worker, std::move(socket), key, std::move(address), own_only, now}).first);
}

/// Ends one connection after another until the newcomer has a seat, or there is none to end.
void Newcomers::make_room(Waiting::iterator newcomer) {
  bool is_asked = false;
  try {
    is_asked = ask_next(*newcomer);
  } catch (...) {
    waiting_.erase(newcomer);
    throw;
  }
  if (!is_asked) waiting_.erase(newcomer);
}

/// Asks the next worker that may have a connection to end. In each stage, the worker whose connection has waited
/// longest is asked first, then the others in turn. False if all were asked.
bool Newcomers::ask_next(Waiting::value_type& number_and_newcomer) {
  auto& [number, newcomer] = number_and_newcomer;
  while (newcomer.step < stages.size() * workers_.size()) {
    const std::size_t step = newcomer.step++;
    const std::size_t turn = step % workers_.size();
    const std::size_t stage = step / workers_.size();
    if (turn == 0) newcomer.first = longest_waiting(stages.at(stage).kind);
    Worker& worker = *workers_[(newcomer.first + turn) % workers_.size()];
    if (!waits(worker, stages.at(stage))) continue;
    worker.end_one(choice_for(newcomer, stage), [this, number = number] {
      asio::post(workers_.front()->context(), [this, number] { admit_after_other(number); });
    });
    return true;
  }
  return false;
}

/// An address never loses a connection to an address that has more. Silent and unfinished connections give way only to
/// an address with few connections or to their own: behind a proxy, all have the same.
std::function<AcceptedConnection*(WaitingConnections&)> Newcomers::choice_for(const Newcomer& newcomer,
                                                                              std::size_t stage) const {
  const bool own_only = newcomer.own_only || (stage > 0 && !seats_.has_few(newcomer.key));
  return [&seats = seats_, stage, key = newcomer.key, own_only](WaitingConnections& waiting) -> AcceptedConnection* {
    const auto before = Clock::now() - stages.at(stage).time;
    AcceptedConnection* const chosen =
        (waiting.*stages.at(stage).kind).of_fullest(before, seats, own_only ? std::optional(key) : std::nullopt);
    if (!chosen) return nullptr;
    const std::uint64_t other = chosen->address();
    const bool may_end = other == key || (!own_only && seats.count_of(other) >= seats.count_of(key));
    return may_end ? chosen : nullptr;
  };
}

/// The number of the worker whose connection of this kind has waited longest.
std::size_t Newcomers::longest_waiting(IdleConnections WaitingConnections::*kind) const {
  const auto longest = std::min_element(workers_.begin(), workers_.end(), [kind](const auto& a, const auto& b) {
    return a->waits_since(kind) < b->waits_since(kind);
  });
  return static_cast<std::size_t>(longest - workers_.begin());
}

void Newcomers::admit_after_other(std::uint64_t number) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;  // it has waited too long
  if (seats_.take(found->second.key) != ConnectionSeats::Outcome::taken) return make_room(found);
  Seat seat(seats_, found->second.key);
  Newcomer admitted = std::move(found->second);
  waiting_.erase(found);
  admitted.worker.add(std::move(admitted.socket), std::move(seat), std::move(admitted.address));
}

}  // namespace packwalk
