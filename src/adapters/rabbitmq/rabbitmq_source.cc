#include "adapters/rabbitmq/rabbitmq_source.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/rabbitmq/link_loop.h"
#include "adapters/rabbitmq/message_uploads.h"
#include "adapters/rabbitmq/open_packs.h"
#include "base/last_time.h"

namespace packwalk {
namespace {

using rabbitmq::Delivered;
using rabbitmq::Event;
using rabbitmq::Link;
using rabbitmq::PackNumber;

constexpr std::uint16_t unacknowledged_max = 256;  // greatest number of messages in this process
constexpr std::chrono::milliseconds retry_pause_min{100};
constexpr std::chrono::milliseconds retry_pause_max{5000};
constexpr std::chrono::milliseconds ask_again_pause{500};
using SteadyClock = std::chrono::steady_clock;

class RabbitmqSource final : public PacketSource, private rabbitmq::LinkDuties {
 public:
  RabbitmqSource(const BrokerOptions& options, SourceRules rules, Clock& clock)
      : options_(options),
        store_answers_(rules.store_answers),
        messages_(options.mqtt_exchange(), std::move(rules), clock),
        loop_(options, *this) {
    loop_.start();
  }
  ~RabbitmqSource() override {
    close();
    loop_.stop();
  }

  UploadBatch take(std::size_t messages_max) override {
    std::unique_lock lock(mutex_);
    if (failing_) changed_.wait_for(lock, retry_pause_, [this] { return closed_; });
    changed_.wait(lock, [this] { return closed_ || !ready_.empty(); });
    UploadBatch batch;
    if (closed_) return batch;  // waiting messages stay at the broker
    for (std::size_t messages = 0; !ready_.empty(); ready_.pop_front()) {
      messages += ready_.front().upload.messages.size();
      if (messages > messages_max && !batch.uploads.empty()) break;
      batch.uploads.push_back(std::move(ready_.front().upload));
      batch.tags.push_back(ready_.front().pack);
      batch.confirmations.emplace_back();
    }
    return batch;
  }

  void settle(UploadBatch batch, const Result<void>& outcome) override {
    {
      const std::lock_guard lock(mutex_);
      const bool is_poison = !outcome && lies_in_upload(outcome.error());
      if (is_poison) dead_ += batch.uploads.size();
      if (outcome || is_poison) {
        failing_ = false;
        held_back_since_.reset();
        retry_pause_ = retry_pause_min;
        for (std::size_t i = 0; i < batch.uploads.size(); ++i) end(batch.uploads[i], batch.tags[i], is_poison);
      } else {
        give_back(std::move(batch));
        why_failing_ = outcome.error().detail;
      }
    }
    loop_.wake();
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  QueueDepth depth(ServerTime now) const override {
    const std::lock_guard lock(mutex_);
    QueueDepth depth = held_;
    depth.dead = dead_;
    depth.why = why_not_taken(SteadyClock::now());
    depth.failing = failing_ || !depth.why.empty();
    if (!ready_.empty() && now > ready_.front().upload.received_at) {
      depth.oldest_age = now - ready_.front().upload.received_at;
    }
    return depth;
  }

 private:
  struct Ready {
    Upload upload;
    PackNumber pack = 0;
  };

  /// Independent of other threads: the time of the last frame from the broker.
  std::string why_not_taken(SteadyClock::time_point now) const {
    if (!trouble_.empty()) return trouble_;
    if (failing_) return why_failing_;
    if (now - heard_at_ < silence_max) return "";
    return "RabbitMQ: it has sent nothing for " + std::to_string(silence_max.count()) + " s";
  }

  Result<void> begin(Link& link) override {
    is_consuming_ = false;
    if (is_resting_) return {};
    return consume(link);
  }

  Result<void> consume(Link& link) {
    if (auto consumed = link.consume(options_.queue, unacknowledged_max); !consumed) return consumed;
    is_consuming_ = true;
    const std::lock_guard lock(mutex_);
    trouble_.clear();
    heard_at_ = SteadyClock::now();
    return {};
  }

  Result<void> work(Link& link) override {
    note_contact(link);
    if (auto told = tell_of_ended(link); !told) return told;
    if (auto rested = rest_while_the_store_is_away(link); !rested || !is_consuming_) return rested;
    if (undecided_.empty() || SteadyClock::now() < ask_again_at_) return {};
    undecided_bytes_ = 0;
    for (Delivered& delivered : std::exchange(undecided_, {})) {
      if (auto taken = take(link, std::move(delivered)); !taken) return taken;
    }
    return {};
  }

  void note_contact(const Link& link) {
    const auto heard_at = has_room() ? link.heard_at() : SteadyClock::now();  // otherwise the loop would not read
    const std::lock_guard lock(mutex_);
    heard_at_ = heard_at;
  }

  /// The broker closes the channel of a consumer that holds a message longer than its consumer_timeout, and counts that
  /// as a failed delivery. So uncommitted messages go back once, and none is consumed until the store answers again:
  /// that counts as one delivery. While the store answers with errors, messages are held and retried.
  Result<void> rest_while_the_store_is_away(Link& link) {
    const auto now = SteadyClock::now();
    if (is_resting_) {
      if (!store_answers_()) return {};
      is_resting_ = false;
      return consume(link);
    }
    {
      const std::lock_guard lock(mutex_);
      if (!failing_ && undecided_.empty()) held_back_since_.reset();
      if ((failing_ || !undecided_.empty()) && !held_back_since_) held_back_since_ = now;
      if (!held_back_since_ || now - *held_back_since_ < options_.hold_max) return {};
    }
    if (!store_answers_ || store_answers_()) return {};
    is_resting_ = true;
    return fail(Errc::unavailable, "RabbitMQ: consuming is paused until the store answers again");
  }

  Result<void> tell_of_ended(Link& link) {
    if (!link.has_room()) return {};  // it does not read now
    std::uint64_t oldest_undecided = std::numeric_limits<std::uint64_t>::max();
    for (const Delivered& delivered : undecided_) oldest_undecided = std::min(oldest_undecided, delivered.tag);
    rabbitmq::Acknowledgements ended;
    {
      const std::lock_guard lock(mutex_);
      ended = packs_.take_ended(oldest_undecided);
    }
    for (const std::uint64_t tag : ended.rejected) {
      if (auto told = link.reject(tag); !told) return told;
    }
    for (const std::uint64_t tag : ended.single) {
      if (auto told = link.acknowledge(tag); !told) return told;
    }
    return ended.up_to == 0 ? Result<void>() : link.acknowledge_up_to(ended.up_to);
  }

  Result<void> take(Link& link, Event event) override {
    auto* delivered = std::get_if<Delivered>(&event);
    if (!delivered) return {};
    return take(link, std::move(*delivered));
  }

  Result<void> take(Link& link, Delivered delivered) {
    const std::uint64_t tag = delivered.tag;
    auto uploads = messages_.read(delivered);
    if (!uploads) {
      undecided_bytes_ += delivered.body.size();
      undecided_.push_back(std::move(delivered));
      ask_again_at_ = SteadyClock::now() + ask_again_pause;
      return {};
    }
    if (uploads->empty()) return link.reject(tag);
    {
      const std::lock_guard lock(mutex_);
      const PackNumber number = packs_.open(tag, uploads->size());
      for (Upload& upload : *uploads) {
        held_.add(upload);
        ready_.push_back({std::move(upload), number});
      }
    }
    changed_.notify_one();
    return {};
  }

  /// The broker redelivers unacknowledged messages. Settling a message of a lost link has no effect.
  void lose(const Error& why) override {
    undecided_.clear();
    undecided_bytes_ = 0;
    const std::lock_guard lock(mutex_);
    trouble_ = why.detail;
    failing_ = false;
    held_back_since_.reset();
    for (const Ready& ready : ready_) held_.remove(ready.upload);
    ready_.clear();
    packs_.lose();
  }

  /// A message larger than the room is taken alone.
  bool has_room() override {
    const std::lock_guard lock(mutex_);
    return held_.messages < options_.waiting_messages_max &&
           held_.bytes + undecided_bytes_ < options_.waiting_bytes_max;
  }

  bool finished() override {
    const std::lock_guard lock(mutex_);
    return !packs_.has_ended();
  }

  void end(const Upload& upload, PackNumber number, bool is_poison) {
    held_.remove(upload);
    packs_.settle_one(number, is_poison);
  }

  void give_back(UploadBatch batch) {
    if (failing_) retry_pause_ = std::min(retry_pause_ * 2, retry_pause_max);
    failing_ = true;
    for (std::size_t i = batch.uploads.size(); i-- > 0;) {
      if (!packs_.is_open(batch.tags[i])) {
        held_.remove(batch.uploads[i]);
        continue;
      }
      batch.uploads[i].redelivered = true;
      ready_.push_front({std::move(batch.uploads[i]), batch.tags[i]});
    }
  }

  const BrokerOptions options_;
  const std::function<bool()> store_answers_;

  rabbitmq::MessageUploads messages_;  // of the loop's thread
  std::vector<Delivered>
      undecided_;  // used only on the loop's thread, like the next two: messages whose device could not be looked up
  std::size_t undecided_bytes_ = 0;
  SteadyClock::time_point ask_again_at_;
  bool is_consuming_ = false;  // of the loop's thread too, like the next
  bool is_resting_ = false;    // all messages were returned, until the store answers again

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Ready> ready_;  // guarded by mutex_, like all below
  rabbitmq::OpenPacks packs_;
  QueueDepth held_;                                      // ready and in hand
  std::string trouble_ = "RabbitMQ: no connection yet";  // the reason if no messages arrive; otherwise empty
  std::size_t dead_ = 0;                                 // uploads since the start
  bool failing_ = false;                                 // whether the last batch could not be committed
  std::string why_failing_;
  std::optional<SteadyClock::time_point> held_back_since_;  // the time of the first failed commit in a row
  SteadyClock::time_point heard_at_;                        // the time of the last frame from the broker
  std::chrono::milliseconds retry_pause_ = retry_pause_min;
  bool closed_ = false;

  rabbitmq::LinkLoop loop_;  // last, because its thread uses all members
};

}  // namespace

std::unique_ptr<PacketSource> make_rabbitmq_source(const BrokerOptions& options, SourceRules rules, Clock& clock) {
  return std::make_unique<RabbitmqSource>(options, std::move(rules), clock);
}

}  // namespace packwalk
