#include "adapters/rabbitmq/rabbitmq_intake.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/rabbitmq/link_loop.h"
#include "adapters/rabbitmq/pack.h"

namespace packwalk {
namespace {

using rabbitmq::Blocked;
using rabbitmq::Confirmed;
using rabbitmq::Event;
using rabbitmq::Link;

constexpr std::size_t on_their_way_max = 8;          // messages, when they are full
constexpr std::size_t pack_bytes_max = 64UL * 1024;  // of bodies; one that has as many is full
constexpr std::chrono::seconds refused_max{3};       // then it is tried with another link

class RabbitmqIntake final : public PacketIntake, private rabbitmq::LinkDuties {
 public:
  explicit RabbitmqIntake(const BrokerOptions& options) : options_(options), loop_(options, *this) { loop_.start(); }
  ~RabbitmqIntake() override {
    close();
    loop_.stop();
    lose({Errc::unavailable, "the server is stopping"});
  }

  Result<void> put(Delivery delivery, Confirmation confirm) override {
    bool is_due = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return fail(Errc::unavailable, "the server is stopping");
      if (!trouble_.empty()) return fail(Errc::unavailable, trouble_);
      if (!fits(delivery)) return fail(Errc::overloaded, "the queue is full");
      held_.add(delivery);
      // Else the loop knows, or it will look when what is on its way is confirmed.
      const bool was_full = waiting_bytes_ >= pack_bytes_max;
      waiting_bytes_ += delivery.body.size();
      is_due = waiting_.empty() || (!was_full && waiting_bytes_ >= pack_bytes_max);
      waiting_.push_back({std::move(delivery), std::move(confirm)});
    }
    if (is_due) loop_.wake();
    return {};
  }

  void close() override {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

  QueueDepth depth(ServerTime now) const override {
    const std::lock_guard lock(mutex_);
    QueueDepth depth = held_;
    depth.failing = !trouble_.empty();
    depth.why = trouble_;
    if (!waiting_.empty() && now > waiting_.front().delivery.received_at) {
      depth.oldest_age = now - waiting_.front().delivery.received_at;
    }
    return depth;
  }

 private:
  struct Waiting {
    Delivery delivery;
    Confirmation confirm;
  };

  struct Published {
    std::chrono::steady_clock::time_point until;  // then the senders are told that it is not kept
    std::vector<Waiting> group;
  };

  bool fits(const Delivery& delivery) const {
    return held_.deliveries == 0 || (held_.messages + delivery.messages.size() <= options_.waiting_messages_max &&
                                     held_.bytes + delivery.body.size() <= options_.waiting_bytes_max);
  }

  Result<void> begin(Link& link) override {
    if (auto ready = link.confirm_publishes(); !ready) return ready;
    published_ = 0;
    set_trouble("");
    return {};
  }

  Result<void> work(Link& link) override {
    if (auto told = end_what_waits_too_long(); !told) return told;
    while (on_their_way_.size() < on_their_way_max) {
      std::vector<Waiting> group = next_group();
      if (group.empty()) return {};
      std::string pack;
      for (const Waiting& each : group) rabbitmq::append_to_pack(pack, each.delivery);
      on_their_way_[++published_] = {std::chrono::steady_clock::now() + options_.confirm_max, std::move(group)};
      if (auto sent = link.publish(options_.queue, rabbitmq::pack_type, pack); !sent) return sent;
    }
    return {};
  }

  /// A broker that is blocked goes on with this link when it can; one that is silent is left for another.
  Result<void> end_what_waits_too_long() {
    const auto now = std::chrono::steady_clock::now();
    if (on_their_way_.empty() || now < on_their_way_.begin()->second.until) return {};
    const auto late = fail(Errc::unavailable, "RabbitMQ: it does not confirm");
    if (!is_blocked_) return late;
    while (!on_their_way_.empty() && now >= on_their_way_.begin()->second.until) {
      tell(on_their_way_.extract(on_their_way_.begin()).mapped().group, late);
    }
    return {};
  }

  /// At once while nothing is on its way; else what comes until that is confirmed goes together, or fills a message.
  std::vector<Waiting> next_group() {
    const std::lock_guard lock(mutex_);
    std::vector<Waiting> group;
    if (!on_their_way_.empty() && waiting_bytes_ < pack_bytes_max) return group;
    std::size_t bytes = 0;
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const std::size_t more = waiting_.front().delivery.body.size();
      if (bytes + more > pack_bytes_max && !group.empty()) break;
      bytes += more;
      group.push_back(std::move(waiting_.front()));
    }
    waiting_bytes_ -= bytes;
    return group;
  }

  Result<void> take(Link& /*link*/, Event event) override {
    if (const auto* blocked = std::get_if<Blocked>(&event)) {
      is_blocked_ = blocked->blocked;
      set_trouble(is_blocked_ ? "RabbitMQ: it takes no messages: " + blocked->reason : "");
      if (is_blocked_) tell(take_waiting(), fail(Errc::unavailable, "RabbitMQ: it takes no messages"));
      return {};
    }
    const auto* confirmed = std::get_if<Confirmed>(&event);
    if (!confirmed) return {};
    const auto until = on_their_way_.upper_bound(confirmed->tag);
    auto from = confirmed->multiple ? on_their_way_.begin() : on_their_way_.find(confirmed->tag);
    if (from == on_their_way_.end()) return {};
    // A quorum queue refuses what does not fit into it any more.
    const auto outcome = confirmed->taken ? Result<void>() : Result<void>(fail(Errc::overloaded, "the queue is full"));
    while (from != until) {
      tell(from->second.group, outcome);
      from = on_their_way_.erase(from);
    }
    return refuses_too_long(confirmed->taken);
  }

  /// A link that was opened while the queue had no leader is refused everything, though the queue has one again
  /// (RabbitMQ 3.10): another link is not.
  Result<void> refuses_too_long(bool taken) {
    const auto now = std::chrono::steady_clock::now();
    if (taken) {
      refused_since_.reset();
    } else if (!refused_since_) {
      refused_since_ = now;
    } else if (now - *refused_since_ > refused_max) {
      return fail(Errc::unavailable, "RabbitMQ: it refuses what it is sent: the queue is full, or has no leader");
    }
    return {};
  }

  void lose(const Error& why) override {
    is_blocked_ = false;
    refused_since_.reset();
    set_trouble(why.detail);
    for (auto& [tag, published] : std::exchange(on_their_way_, {})) tell(published.group, tl::unexpected(why));
    tell(take_waiting(), tl::unexpected(why));
  }

  void set_trouble(std::string trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
  }

  std::deque<Waiting> take_waiting() {
    const std::lock_guard lock(mutex_);
    waiting_bytes_ = 0;
    return std::exchange(waiting_, {});
  }

  bool finished() override {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && on_their_way_.empty();
  }

  template <class Group>
  void tell(const Group& group, const Result<void>& outcome) {
    {
      const std::lock_guard lock(mutex_);
      for (const Waiting& each : group) held_.remove(each.delivery);
    }
    for (const Waiting& each : group) each.confirm(outcome);
  }

  const BrokerOptions options_;

  std::uint64_t published_ = 0;                                         // of the loop's thread
  std::map<std::uint64_t, Published> on_their_way_;                     // likewise; by the broker's tag
  bool is_blocked_ = false;                                             // likewise; the broker takes nothing now
  std::optional<std::chrono::steady_clock::time_point> refused_since_;  // likewise

  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;  // guarded by mutex_, like all below
  std::size_t waiting_bytes_ = 0;
  QueueDepth held_;                                      // waiting and on their way
  std::string trouble_ = "RabbitMQ: no connection yet";  // why nothing can be put; empty when it can
  bool closed_ = false;

  rabbitmq::LinkLoop loop_;  // last: its thread uses all of it
};

}  // namespace

std::unique_ptr<PacketIntake> make_rabbitmq_intake(const BrokerOptions& options) {
  return std::make_unique<RabbitmqIntake>(options);
}

}  // namespace packwalk
