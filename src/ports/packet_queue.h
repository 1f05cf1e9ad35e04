// Port: the queue between the doors and ingest, which may run in different processes. Contract:
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

/// Called once, from any thread, with success if an upload is safe (it survives a crash of any process), or with an
/// error if it was not stored. Must return immediately and must not throw.
using Confirmation = std::function<void(const Result<void>&)>;

struct QueueDepth {
  std::size_t uploads = 0;
  std::size_t messages = 0;
  std::size_t bytes = 0;
  std::size_t dead = 0;  // dead letters of this end since its start
  struct SetAside {
    std::size_t letters = 0;  // that wait for the operator
    std::size_t damaged = 0;  // files with unreadable confirmed data
  };
  std::optional<SetAside> set_aside;        // of a queue in files: the current counts
  std::chrono::microseconds oldest_age{0};  // of the oldest upload that waits
  bool failing = false;                     // whether the last put or batch failed, recently
  std::string why;                          // the cause of a failure, if it is known; holds no secret

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

  /// Accepts no more puts. Waiting uploads are still taken, or wait for the next start.
  virtual void close() = 0;

  /// The content of this end. Thread-safe. `now` is of the clock that stamped the uploads.
  virtual QueueDepth depth(ServerTime now) const = 0;
};

/// The doors' end.
class PacketIntake : public virtual QueueEnd {
 public:
  /// Thread-safe, does not block. Errc::overloaded: the queue is full. Errc::unavailable: it is closed or cannot store
  /// anything now. On an error, nothing is stored and `confirm` is never called.
  virtual Result<void> put(Upload upload, Confirmation confirm) = 0;
};

/// Some uploads, in the order of the queue; empty when the queue is closed and drained.
struct UploadBatch {
  std::vector<Upload> uploads;
  // For the queue: its ids of the uploads, and the confirmations for when the batch is settled (empty: already
  // confirmed).
  std::vector<std::uint64_t> tags;
  std::vector<Confirmation> confirmations;
};

/// Whether an error is caused by an upload itself, or by something that the store lacks only for it: it would fail
/// again, while others would not. All other errors concern the store as a whole.
inline bool lies_in_upload(const Error& error) {
  return error.code != Errc::unavailable && error.code != Errc::overloaded && error.code != Errc::broken;
}

/// Ingest's end.
class PacketSource : public virtual QueueEnd {
 public:
  /// Blocks until an upload waits. Returns at most `messages_max` messages, but at least one upload of any size. One
  /// thread.
  virtual UploadBatch take(std::size_t messages_max) = 0;

  /// Settles a batch with its result. After an error that lies in its uploads (see lies_in_upload), they become dead
  /// letters: durably set aside for the operator, who can requeue them. Their senders get a confirmation. After any
  /// other error, its confirmed uploads are redelivered first, after a pause, and the senders of the others get the
  /// error.
  virtual void settle(UploadBatch batch, const Result<void>& outcome) = 0;
};

/// Both ends in one process.
class PacketQueue : public PacketIntake, public PacketSource {};

}  // namespace packwalk
