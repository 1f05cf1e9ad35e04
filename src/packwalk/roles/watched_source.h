// Ingest's end of a queue, which records how long the current batch has been in work.
#pragma once

#include <utility>

#include "base/last_time.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// `source` outlives it.
class WatchedSource final : public PacketSource {
 public:
  explicit WatchedSource(PacketSource& source) : source_(source) {}

  UploadBatch take(std::size_t messages_max) override {
    in_hand_.forget();
    UploadBatch batch = source_.take(messages_max);
    in_hand_.note();
    return batch;
  }
  /// The rest of the batch counts from now.
  void settle(UploadBatch batch, const Result<void>& outcome) override {
    source_.settle(std::move(batch), outcome);
    in_hand_.note();
  }
  void close() override { source_.close(); }
  QueueDepth depth(ServerTime now) const override { return source_.depth(now); }

  /// Whether the current commit takes longer than this. Thread-safe, never blocks.
  bool is_held_longer_than(std::chrono::seconds longest) const { return in_hand_.is_older_than(longest); }
  void end() { in_hand_.forget(); }

 private:
  PacketSource& source_;
  LastTime in_hand_;
};

}  // namespace packwalk
