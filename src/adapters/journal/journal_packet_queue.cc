#include "adapters/journal/journal_packet_queue.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "adapters/journal/segment_files.h"
#include "ports/delivery_record.h"

namespace packwalk {
namespace {

using journal::SegmentFiles;
using journal::SegmentNumber;

constexpr SegmentNumber no_segment = 0;      // of a delivery that does not stand in the journal
constexpr std::size_t busy_deliveries = 32;  // so many wait: ingest gathers more, as larger commits write fewer pages
constexpr std::chrono::milliseconds gather_pause{100};
constexpr std::chrono::milliseconds retry_pause_min{100};
constexpr std::chrono::milliseconds retry_pause_max{5000};
// Only the next put can show that the disk has room again, so who asks whether we work must hear yes after a while.
constexpr std::chrono::seconds refusal_remembered{10};

class JournalPacketQueue final : public PacketQueue {
 public:
  JournalPacketQueue(const std::string& folder, QueueLimits limits) : limits_(limits), files_(folder) {}
  ~JournalPacketQueue() override {
    close();
    if (writer_.joinable()) writer_.join();
    files_.end_current();
    free_settled();
    files_.remove_spares();
  }

  /// Reads back what was not settled, then starts to write.
  Result<void> open(const DecodeDelivery& decode) {
    const auto numbers = journal::segments_in(files_.folder());
    if (!numbers) return tl::unexpected(numbers.error());
    for (const SegmentNumber number : *numbers) {
      auto read = journal::read_segment(files_.folder(), number, [&](std::string_view payload) {
        auto delivery = delivery_from_record(payload);
        if (!delivery) return;
        decode(*delivery);
        held_.add(*delivery);
        ++unsettled_[number];
        ready_.push_back({*std::move(delivery), number, nullptr});
      });
      if (!read) return read;
      files_.found(number);
    }
    free_settled();
    writer_ = std::thread([this] { write_until_closed(); });
    return {};
  }

  Result<void> put(Delivery delivery, Confirmation confirm) override {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return fail(Errc::unavailable, "the server is stopping");
      if (failing_) return fail(Errc::unavailable, "the store fails");
      if (!fits(delivery)) return fail(Errc::overloaded, "the queue is full");
      const bool alone = held_.deliveries == 0;
      held_.add(delivery);
      if (idle_ && alone) {
        // The commit itself makes it safe, sooner than the journal and the commit one after the other would.
        ready_.push_back({std::move(delivery), no_segment, std::move(confirm)});
        ready_changed_.notify_one();
        return {};
      }
      arrived_.push_back({std::move(delivery), std::move(confirm)});
    }
    arrived_changed_.notify_one();
    return {};
  }

  DeliveryBatch take(std::size_t messages_max) override {
    std::unique_lock lock(mutex_);
    if (failing_) {
      ready_changed_.wait_for(lock, retry_pause_, [this] { return drained(); });
      if (closed_) return {};  // what waits is in the journal
    }
    idle_ = true;
    ready_changed_.wait(lock, [this] { return !ready_.empty() || drained(); });
    idle_ = false;
    if (ready_.size() >= busy_deliveries) {
      ready_changed_.wait_for(lock, gather_pause, [&] {
        return closed_ || held_.messages >= std::min(messages_max, limits_.messages_max / 2);
      });
    }
    DeliveryBatch batch;
    for (std::size_t messages = 0; !ready_.empty(); ready_.pop_front()) {
      messages += ready_.front().delivery.messages.size();
      if (messages > messages_max && !batch.deliveries.empty()) break;
      batch.deliveries.push_back(std::move(ready_.front().delivery));
      batch.tags.push_back(ready_.front().segment);
      batch.confirmations.push_back(std::move(ready_.front().confirm));
    }
    return batch;
  }

  void settle(DeliveryBatch batch, const Result<void>& outcome) override {
    const std::vector<Confirmation> confirmations = std::move(batch.confirmations);
    {
      const std::lock_guard lock(mutex_);
      if (outcome) {
        forget(batch);
      } else {
        give_back(std::move(batch));
      }
    }
    for (const Confirmation& confirm : confirmations) {
      if (confirm) confirm(outcome);
    }
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    arrived_changed_.notify_all();
    ready_changed_.notify_all();
  }

  QueueDepth depth(ServerTime now) const override {
    const std::lock_guard lock(mutex_);
    QueueDepth depth = held_;
    depth.failing = failing_ || (refused_at_ && std::chrono::steady_clock::now() - *refused_at_ < refusal_remembered);
    const Delivery* oldest = !ready_.empty()     ? &ready_.front().delivery
                             : !arrived_.empty() ? &arrived_.front().delivery
                                                 : nullptr;
    if (oldest && now > oldest->received_at) depth.oldest_age = now - oldest->received_at;
    return depth;
  }

 private:
  struct Arrived {
    Delivery delivery;
    Confirmation confirm;
  };
  struct Ready {
    Delivery delivery;
    SegmentNumber segment;
    Confirmation confirm;  // of one that does not stand in the journal; the others were told
  };

  /// An empty queue takes anything: what is larger than the limits would else never be taken.
  bool fits(const Delivery& delivery) const {
    return held_.deliveries == 0 || (held_.messages + delivery.messages.size() <= limits_.messages_max &&
                                     held_.bytes + delivery.body.size() <= limits_.bytes_max);
  }

  bool drained() const { return closed_ && written_all_; }

  void forget(const DeliveryBatch& batch) {
    failing_ = false;
    retry_pause_ = retry_pause_min;
    for (std::size_t i = 0; i < batch.deliveries.size(); ++i) {
      held_.remove(batch.deliveries[i]);
      if (batch.tags[i] == no_segment) refused_at_.reset();  // the disk has room again
      const auto count = unsettled_.find(batch.tags[i]);
      if (count != unsettled_.end() && --count->second == 0) unsettled_.erase(count);
    }
  }

  /// Those that do not stand in the journal are their senders' again.
  void give_back(DeliveryBatch batch) {
    if (failing_) retry_pause_ = std::min(retry_pause_ * 2, retry_pause_max);
    for (std::size_t i = batch.deliveries.size(); i-- > 0;) {
      if (batch.tags[i] == no_segment) {
        held_.remove(batch.deliveries[i]);
        continue;
      }
      batch.deliveries[i].redelivered = true;
      ready_.push_front({std::move(batch.deliveries[i]), batch.tags[i], nullptr});
    }
    if (ready_.empty()) {
      refused_at_ = std::chrono::steady_clock::now();
    } else {
      failing_ = true;
    }
  }

  void write_until_closed() {
    std::unique_lock lock(mutex_);
    while (true) {
      arrived_changed_.wait(lock, [this] { return closed_ || !arrived_.empty(); });
      if (arrived_.empty()) break;
      std::vector<Arrived> group = std::exchange(arrived_, {});
      lock.unlock();
      free_settled();
      std::span<Arrived> rest = group;
      while (!rest.empty()) rest = rest.subspan(write_some(rest));
      lock.lock();
    }
    written_all_ = true;
    lock.unlock();
    ready_changed_.notify_all();
  }

  /// Writes as many of `group` as fit into one segment, one at least; tells their senders. Returns how many.
  std::size_t write_some(std::span<Arrived> group) {
    std::string payload = record_of(group.front().delivery);
    const auto segment = files_.with_room(journal::record_size(payload.size()));
    if (!segment) {
      refuse(group, segment.error());
      return group.size();
    }
    const SegmentNumber number = (*segment)->number();
    std::string records;
    std::size_t count = 0;
    while (records.size() + journal::record_size(payload.size()) <= (*segment)->room()) {
      journal::append_record(records, payload, number);
      if (++count == group.size()) break;
      payload = record_of(group[count].delivery);
    }
    const auto written = (*segment)->append(records);
    if (!written) {
      files_.end_current();
      refuse(group.first(count), written.error());
      return count;
    }
    hand_on(group.first(count), number);
    return count;
  }

  void refuse(std::span<Arrived> group, const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      refused_at_ = std::chrono::steady_clock::now();
      for (const Arrived& each : group) {
        held_.remove(each.delivery);
      }
    }
    for (const Arrived& each : group) each.confirm(tl::unexpected(error));
  }

  void hand_on(std::span<Arrived> group, SegmentNumber number) {
    {
      const std::lock_guard lock(mutex_);
      unsettled_[number] += group.size();
      for (Arrived& each : group) ready_.push_back({std::move(each.delivery), number, nullptr});
    }
    ready_changed_.notify_one();
    for (const Arrived& each : group) each.confirm({});
  }

  void free_settled() {
    files_.free_settled([this](SegmentNumber number) {
      const std::lock_guard lock(mutex_);
      return !unsettled_.contains(number);
    });
  }

  const QueueLimits limits_;
  SegmentFiles files_;  // of the writer's thread, once it runs

  mutable std::mutex mutex_;
  std::condition_variable arrived_changed_;
  std::condition_variable ready_changed_;
  std::vector<Arrived> arrived_;  // guarded by mutex_, like all below
  std::deque<Ready> ready_;
  QueueDepth held_;
  std::map<SegmentNumber, std::size_t> unsettled_;  // deliveries; a segment without any is not there
  std::chrono::milliseconds retry_pause_ = retry_pause_min;
  bool failing_ = false;                                             // the last batch could not be committed
  bool idle_ = false;                                                // the consumer waits
  std::optional<std::chrono::steady_clock::time_point> refused_at_;  // when the last write failed
  bool closed_ = false;
  bool written_all_ = false;

  std::thread writer_;
};

}  // namespace

Result<std::unique_ptr<PacketQueue>> open_journal_packet_queue(const std::string& folder, QueueLimits limits,
                                                               const DecodeDelivery& decode) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    const auto parent = std::filesystem::absolute(folder).parent_path();
    if (auto synced = journal::sync_folder(parent.string()); !synced) return tl::unexpected(std::move(synced.error()));
  }
  if (error) return fail(Errc::unavailable, "cannot make " + folder + ": " + error.message());
  auto queue = std::make_unique<JournalPacketQueue>(folder, limits);
  if (auto opened = queue->open(decode); !opened) return tl::unexpected(std::move(opened.error()));
  return queue;
}

}  // namespace packwalk
