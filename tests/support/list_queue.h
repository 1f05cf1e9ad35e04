// A queue that keeps what is put in a list, at once and on one thread.
#pragma once

#include <deque>
#include <utility>

#include "ports/packet_queue.h"

namespace packwalk {

class ListQueue final : public PacketQueue {
 public:
  Result<void> put(Upload upload, Confirmation confirm) override {
    waiting_.push_back(std::move(upload));
    confirm({});
    return {};
  }

  UploadBatch take(std::size_t messages_max) override {
    UploadBatch batch;
    for (std::size_t messages = 0; !waiting_.empty(); waiting_.pop_front()) {
      messages += waiting_.front().messages.size();
      if (messages > messages_max && !batch.uploads.empty()) break;
      batch.uploads.push_back(std::move(waiting_.front()));
    }
    batch.tags.resize(batch.uploads.size());
    batch.confirmations.resize(batch.uploads.size());
    return batch;
  }

  void settle(UploadBatch batch, const Result<void>& outcome) override {
    if (outcome) return;
    if (lies_in_upload(outcome.error())) return;  // a dead letter
    for (std::size_t i = batch.uploads.size(); i-- > 0;) {
      batch.uploads[i].redelivered = true;
      waiting_.push_front(std::move(batch.uploads[i]));
    }
  }

  void close() override {}
  QueueDepth depth(ServerTime /*now*/) const override { return {.uploads = waiting_.size()}; }

  /// As after a crash: nobody knows what of it was committed.
  void restart() {
    for (Upload& upload : waiting_) upload.redelivered = true;
  }

 private:
  std::deque<Upload> waiting_;
};

}  // namespace packwalk
