#include "adapters/rabbitmq/rabbitmq_intake.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/rabbitmq/link_loop.h"
#include "adapters/rabbitmq/pack.h"
#include "base/last_time.h"

namespace packwalk {
namespace {

using rabbitmq::Blocked;
using rabbitmq::Confirmed;
using rabbitmq::Event;
using rabbitmq::Link;

constexpr std::size_t on_their_way_max = 8;          // greatest number of full messages
constexpr std::size_t pack_bytes_max = 64UL * 1024;  // of bodies; a message with this many is full
constexpr std::chrono::seconds refused_max{3};       // then tries another link
constexpr std::chrono::seconds probe_interval{2};    // interval while no other message waits for a confirm

using SteadyClock = std::chrono::steady_clock;

class RabbitmqIntake final : public PacketIntake, private rabbitmq::LinkDuties {
 public:
  explicit RabbitmqIntake(const BrokerOptions& options) : options_(options), loop_(options, *this) { loop_.start(); }
  ~RabbitmqIntake() override {
    close();
    loop_.stop();
    lose({Errc::unavailable, "the server is stopping"});
  }

  Result<void> put(Upload upload, Confirmation confirm) override {
    bool is_due = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return fail(Errc::unavailable, "the server is stopping");
      if (!trouble_.empty()) return fail(Errc::unavailable, trouble_);
      if (!fits(upload)) return fail(Errc::overloaded, "the queue is full");
      held_.add(upload);
      // Otherwise the loop knows already, or checks when the next confirm arrives.
      const bool was_full = waiting_bytes_ >= pack_bytes_max;
      waiting_bytes_ += upload.body.size();
      is_due = waiting_.empty() || (!was_full && waiting_bytes_ >= pack_bytes_max);
      waiting_.push_back({std::move(upload), std::move(confirm), SteadyClock::now() + options_.confirm_max});
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
    depth.why = trouble_.empty() ? why_doubtful(SteadyClock::now()) : trouble_;
    depth.failing = !depth.why.empty();
    if (!waiting_.empty() && now > waiting_.front().upload.received_at) {
      depth.oldest_age = now - waiting_.front().upload.received_at;
    }
    return depth;
  }

 private:
  struct Waiting {
    Upload upload;
    Confirmation confirm;
    SteadyClock::time_point until;  // then the sender gets an error
  };

  struct Published {
    SteadyClock::time_point since;
    bool is_probe = false;
    std::vector<Waiting> group;  // empty for a probe, and when all senders were notified
  };

  bool fits(const Upload& upload) const {
    return held_.uploads == 0 || (held_.messages + upload.messages.size() <= options_.waiting_messages_max &&
                                  held_.bytes + upload.body.size() <= options_.waiting_bytes_max);
  }

  /// Independent of other threads: the age of the last proof that packets can be stored.
  std::string why_doubtful(SteadyClock::time_point now) const {
    if (now - late_at_ < silence_max) return "RabbitMQ: it does not confirm in time";
    if (now - confirmed_at_ < silence_max) return "";
    return "RabbitMQ: it has confirmed nothing for " + std::to_string(silence_max.count()) + " s";
  }

  /// The broker counts as working once it has confirmed a message.
  Result<void> begin(Link& link) override {
    if (auto ready = link.confirm_publishes(); !ready) return ready;
    published_ = 0;
    is_proven_ = false;
    return probe(link);
  }

  Result<void> work(Link& link) override {
    const auto now = SteadyClock::now();
    tell_the_late(now);
    if (is_blocked_) return {};
    if (!on_their_way_.empty() && now >= on_their_way_.begin()->second.since + options_.confirm_max) {
      return fail(Errc::unavailable, "RabbitMQ: it does not confirm");  // another may
    }
    while (on_their_way_.size() < on_their_way_max && !link.has_unsent()) {
      std::vector<Waiting> group = next_group();
      if (group.empty()) return on_their_way_.empty() && now >= probe_at_ ? probe(link) : Result<void>();
      Published& published = on_their_way_[++published_];  // whatever is thrown from here on, lose() tells them
      published = {.since = SteadyClock::now(), .group = std::move(group)};
      std::string pack;
      for (const Waiting& each : published.group) rabbitmq::append_to_pack(pack, each.upload);
      if (auto sent = link.publish(options_.queue, rabbitmq::pack_type, std::move(pack)); !sent) return sent;
    }
    return {};
  }

  /// Shows whether the broker takes messages, when nobody has one for it.
  Result<void> probe(Link& link) {
    on_their_way_[++published_] = {.since = SteadyClock::now(), .is_probe = true};
    return link.publish_nowhere(options_.queue + ".probe");
  }

  /// Counted from put(), wherever it waits: here, in a socket, or at the broker. What the broker confirms later is kept
  /// all the same, and comes twice.
  void tell_the_late(SteadyClock::time_point now) {
    std::vector<Waiting> late;
    for (auto& [tag, published] : on_their_way_) {
      if (published.group.empty()) continue;
      if (now < published.group.front().until) break;
      const auto in_time = std::find_if(published.group.begin(), published.group.end(),
                                        [now](const Waiting& each) { return now < each.until; });
      std::move(published.group.begin(), in_time, std::back_inserter(late));
      published.group.erase(published.group.begin(), in_time);
    }
    {
      const std::lock_guard lock(mutex_);
      for (; !waiting_.empty() && now >= waiting_.front().until; waiting_.pop_front()) {
        waiting_bytes_ -= waiting_.front().upload.body.size();
        late.push_back(std::move(waiting_.front()));
      }
      if (late.empty()) return;
      late_at_ = now;
    }
    tell(late, fail(Errc::unavailable, "RabbitMQ: it does not confirm"));
  }

  SteadyClock::time_point due_at() override {
    auto due = SteadyClock::now() + rabbitmq::wait_max;
    if (on_their_way_.empty() && !is_blocked_) due = std::min(due, probe_at_);
    for (const auto& [tag, published] : on_their_way_) {
      if (!is_blocked_) due = std::min(due, published.since + options_.confirm_max);
      if (published.group.empty()) continue;
      due = std::min(due, published.group.front().until);
      break;  // those behind it came later
    }
    const std::lock_guard lock(mutex_);
    return waiting_.empty() ? due : std::min(due, waiting_.front().until);
  }

  /// At once while nothing is on its way; else what comes until that is confirmed goes together, or fills a message.
  std::vector<Waiting> next_group() {
    const std::lock_guard lock(mutex_);
    std::vector<Waiting> group;
    const bool is_idle =
        std::all_of(on_their_way_.begin(), on_their_way_.end(), [](const auto& each) { return each.second.is_probe; });
    if (!is_idle && waiting_bytes_ < pack_bytes_max) return group;
    std::size_t bytes = 0;
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const std::size_t more = waiting_.front().upload.body.size();
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
    note_contact(std::prev(until)->second.since);
    bool only_probes = true;
    while (from != until) {
      only_probes &= from->second.is_probe;
      tell(from->second.group, outcome);
      from = on_their_way_.erase(from);
    }
    return only_probes ? Result<void>() : refuses_too_long(confirmed->taken);
  }

  /// The broker has told what became of a message that was published then.
  void note_contact(SteadyClock::time_point since) {
    const auto now = SteadyClock::now();
    probe_at_ = now + probe_interval;
    const std::lock_guard lock(mutex_);
    confirmed_at_ = now;
    if (since > late_at_) late_at_ = now - silence_max;  // it is in time again
    if (!std::exchange(is_proven_, true)) trouble_.clear();
  }

  /// A link that was opened while the queue had no leader is refused everything, though the queue has one again
  /// (RabbitMQ 3.10): another link is not.
  Result<void> refuses_too_long(bool taken) {
    const auto now = SteadyClock::now();
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
    for (auto& [tag, published] : std::exchange(on_their_way_, {})) tell(published.group, Failure(why));
    tell(take_waiting(), Failure(why));
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
    const bool all_told = std::all_of(on_their_way_.begin(), on_their_way_.end(),
                                      [](const auto& each) { return each.second.group.empty(); });
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && all_told;
  }

  template <class Group>
  void tell(const Group& group, const Result<void>& outcome) {
    {
      const std::lock_guard lock(mutex_);
      for (const Waiting& each : group) held_.remove(each.upload);
    }
    for (const Waiting& each : group) each.confirm(outcome);
  }

  const BrokerOptions options_;

  std::uint64_t published_ = 0;                           // of the loop's thread
  std::map<std::uint64_t, Published> on_their_way_;       // likewise; by the broker's tag
  bool is_blocked_ = false;                               // likewise; the broker takes nothing now
  bool is_proven_ = false;                                // likewise; it took something of this link
  SteadyClock::time_point probe_at_;                      // likewise
  std::optional<SteadyClock::time_point> refused_since_;  // likewise

  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;  // guarded by mutex_, like all below
  std::size_t waiting_bytes_ = 0;
  QueueDepth held_;                                      // waiting and on their way
  std::string trouble_ = "RabbitMQ: no connection yet";  // why nothing can be put; empty when it can
  SteadyClock::time_point confirmed_at_;                 // when the broker last told what became of a message
  SteadyClock::time_point late_at_ =
      SteadyClock::now() - silence_max;  // when a sender was last told that it takes too long
  bool closed_ = false;

  rabbitmq::LinkLoop loop_;  // last: its thread uses all of it
};

}  // namespace

std::unique_ptr<PacketIntake> make_rabbitmq_intake(const BrokerOptions& options) {
  return std::make_unique<RabbitmqIntake>(options);
}

}  // namespace packwalk
