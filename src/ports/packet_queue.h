// Port: the queue between the doors and ingest, which may be in different processes. Contract:
// tests/contract/packet_queue_test.cc.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/packet/upload.h"

namespace packwalk {

/// Fills `messages` of an upload that a queue has read back.
using DecodeUpload = std::function<void(Upload&)>;

/// Told once, from any thread, that an upload is safe (it survives a crash of any process) or that it is not kept.
/// Must return at once and must not throw.
using Confirmation = std::function<void(const Result<void>&)>;

struct QueueDepth {
  std::size_t uploads = 0;
  std::size_t messages = 0;
  std::size_t bytes = 0;
  std::size_t dead = 0;  // uploads that this end set aside as dead letters since it began
  struct SetAside {
    std::size_t letters = 0;  // that wait for the operator
    std::size_t damaged = 0;  // files in which something confirmed cannot be read
  };
  std::optional<SetAside> set_aside;        // of a queue in files: what stands there now
  std::chrono::microseconds oldest_age{0};  // of the oldest upload that waits
  bool failing = false;                     // the last put or batch could not be kept, and that was not long ago
  std::string why;                          // it fails, if that is known; shows no secret

  void add(const Upload& upload) {
    ++uploads;
    messages += upload.messages.size();
    bytes += upload.body.size();
  }
  void remove(const Upload& upload) {
    --uploads;
    messages -= upload.messages.size();
    bytes -= upload.body.size();
  }
};

/// Both ends of a queue.
class QueueEnd {
 public:
  virtual ~QueueEnd() = default;

  /// No more puts. What waits is still given out, or waits for the next start.
  virtual void close() = 0;

  /// What this end holds. Thread-safe. `now` is of the clock that stamped the uploads.
  virtual QueueDepth depth(ServerTime now) const = 0;
};

/// The end of the doors.
class PacketIntake : public virtual QueueEnd {
 public:
  /// Thread-safe, does not block. Errc::overloaded when the queue is full; Errc::unavailable when it is closed, and
  /// while nothing can be kept: then `confirm` is never called and nothing is kept.
  virtual Result<void> put(Upload upload, Confirmation confirm) = 0;
};

/// Some uploads, in the order of the queue; none when the queue is closed and drained.
struct UploadBatch {
  std::vector<Upload> uploads;
  // The queue's own: what it calls them, and who is told when the batch is settled (empty: he was told before).
  std::vector<std::uint64_t> tags;
  std::vector<Confirmation> confirmations;
};

/// Whether an upload could not be committed because of something in it, or because of something that the store lacks
/// for it alone: it would fail again, while others would not. All other errors are of the store as a whole.
inline bool lies_in_upload(const Error& error) {
  return error.code != Errc::unavailable && error.code != Errc::overloaded && error.code != Errc::broken;
}

/// The end of ingest.
class PacketSource : public virtual QueueEnd {
 public:
  /// Blocks until something waits. At most `messages_max` messages, but at least one upload, whatever
  /// its size. One thread.
  virtual UploadBatch take(std::size_t messages_max) = 0;

  /// Tells what became of a batch. After an error that lies in its uploads (see lies_in_upload) they become dead
  /// letters: durably set aside for the operator, who can put them into the queue again. Their senders are told that
  /// they are safe. After any other error what was confirmed of it comes again, first of all, when some time has
  /// passed; the senders of the rest are told.
  virtual void settle(UploadBatch batch, const Result<void>& outcome) = 0;
};

/// Both ends in one process.
class PacketQueue : public PacketIntake, public PacketSource {};

}  // namespace packwalk
