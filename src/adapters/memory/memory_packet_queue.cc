#include "adapters/memory/memory_packet_queue.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace packwalk {
namespace {

class MemoryPacketQueue final : public PacketQueue {
 public:
  explicit MemoryPacketQueue(QueueLimits limits) : limits_(limits) {}

  Result<void> put(Delivery delivery, Confirmation confirm) override {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return fail(Errc::unavailable, "the server is stopping");
      if (held_.messages + delivery.messages.size() > limits_.messages_max ||
          held_.bytes + delivery.body.size() > limits_.bytes_max) {
        return fail(Errc::overloaded, "the queue is full");
      }
      ++held_.deliveries;
      held_.messages += delivery.messages.size();
      held_.bytes += delivery.body.size();
      waiting_.push_back({std::move(delivery), std::move(confirm)});
    }
    changed_.notify_one();
    return {};
  }

  Batch take(std::size_t messages_max) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    Batch batch;
    for (std::size_t messages = 0; !waiting_.empty(); waiting_.pop_front()) {
      messages += waiting_.front().delivery.messages.size();
      if (messages > messages_max && !batch.deliveries.empty()) break;
      batch.deliveries.push_back(std::move(waiting_.front().delivery));
      batch.confirmations.push_back(std::move(waiting_.front().confirm));
    }
    return batch;
  }

  void settle(Batch batch, const Result<void>& outcome) override {
    {
      const std::lock_guard lock(mutex_);
      held_.deliveries -= batch.deliveries.size();
      for (const Delivery& delivery : batch.deliveries) {
        held_.messages -= delivery.messages.size();
        held_.bytes -= delivery.body.size();
      }
    }
    for (const Confirmation& confirm : batch.confirmations) confirm(outcome);
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  Depth depth(ServerTime now) const override {
    const std::lock_guard lock(mutex_);
    Depth depth = held_;
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

  const QueueLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // guarded by mutex_, like all below
  Depth held_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<PacketQueue> make_memory_packet_queue(QueueLimits limits) {
  return std::make_unique<MemoryPacketQueue>(limits);
}

}  // namespace packwalk
