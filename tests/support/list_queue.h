// A queue that keeps what is put in a list, at once and on one thread.
#pragma once

#include <deque>
#include <utility>

#include "ports/packet_queue.h"

namespace packwalk {

class ListQueue final : public PacketQueue {
 public:
  Result<void> put(Delivery delivery, Confirmation confirm) override {
    waiting_.push_back(std::move(delivery));
    confirm({});
    return {};
  }

  DeliveryBatch take(std::size_t messages_max) override {
    DeliveryBatch batch;
    for (std::size_t messages = 0; !waiting_.empty(); waiting_.pop_front()) {
      messages += waiting_.front().messages.size();
      if (messages > messages_max && !batch.deliveries.empty()) break;
      batch.deliveries.push_back(std::move(waiting_.front()));
    }
    batch.tags.resize(batch.deliveries.size());
    batch.confirmations.resize(batch.deliveries.size());
    return batch;
  }

  void settle(DeliveryBatch batch, const Result<void>& outcome) override {
    if (outcome) return;
    if (lies_in_delivery(outcome.error())) return;  // a dead letter
    for (std::size_t i = batch.deliveries.size(); i-- > 0;) {
      batch.deliveries[i].redelivered = true;
      waiting_.push_front(std::move(batch.deliveries[i]));
    }
  }

  void close() override {}
  QueueDepth depth(ServerTime /*now*/) const override { return {.deliveries = waiting_.size()}; }

  /// As after a crash: nobody knows what of it was committed.
  void restart() {
    for (Delivery& delivery : waiting_) delivery.redelivered = true;
  }

 private:
  std::deque<Delivery> waiting_;
};

}  // namespace packwalk
