// Port: the store of ingest, for messages and the data that follows from them. Contract:
// tests/contract/ingest_store_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/event/event.h"
#include "core/state/current_state.h"
#include "core/state/judge.h"

namespace packwalk {

struct FixClaim {
  DeviceNumber device;
  Fix fix;
  ContentHash hash = 0;
  bool is_likely_taken = false;  // a hint: the store may read before it inserts
};
struct SampleClaim {
  DeviceNumber device;
  Sample sample;
  ContentHash hash = 0;
  bool is_likely_taken = false;
};
struct KeptMessage {
  Message message;
  Verdict verdict = Verdict::invalid;
  std::string reason;  // empty unless the verdict is invalid
};
/// An event that a transaction writes into the outbox (ports/outbox.h).
struct NewEvent {
  Event event;
  ServerTime caused_at{};  // when its cause reached the server
};
/// The holder of a message's key (device, received_at, ordinal).
enum class Occupant : std::uint8_t { none, the_very_same, another };

/// One batch, all or nothing: without commit(), the destructor rolls it back. Calls block; one thread. After an error
/// (Errc::unavailable: try again later, Errc::overloaded: at once, Errc::invalid_input: some value of the batch will
/// never be taken, Errc::not_found: the part of the store for some of it is lost, Errc::corrupt: what is kept of a
/// device is impossible, Errc::broken: the store takes nothing until a person mends it) only the destructor may follow.
class IngestTransaction {
 public:
  virtual ~IngestTransaction() = default;

  /// Adds each fix unless its key (device, timestamp) exists. Returns for each whether it won, and the stored hash. The
  /// store's unique key decides; the hint does not change the result. Sorted by key, without a key twice.
  virtual Result<std::vector<Standing>> claim(std::span<const FixClaim> fixes) = 0;
  virtual Result<std::vector<Standing>> claim(std::span<const SampleClaim> samples) = 0;

  /// The states of sorted devices, index by index, locked against other writers until the end; a fresh one if there is
  /// none. No device twice.
  virtual Result<std::vector<CurrentState>> states(std::span<const DeviceNumber> devices) = 0;

  /// The devices that are erased or being erased: their data must not be stored. Call it while their states are locked,
  /// so that none is erased until the end. Input and result are sorted.
  virtual Result<std::vector<DeviceNumber>> erased(std::span<const DeviceNumber> devices) = 0;

  virtual Result<void> put(std::span<const CurrentState> states) = 0;
  /// The stored message at the device, time and ordinal of each message.
  virtual Result<std::vector<Occupant>> occupants(std::span<const Message> messages) = 0;
  /// Errc::overloaded: a key of a message exists already.
  virtual Result<void> keep(std::span<const KeptMessage> messages) = 0;
  /// Writes events into the outbox, in order; those of each device in the order of sending. Skips an event whose key
  /// exists.
  virtual Result<void> announce(std::span<const NewEvent> events) = 0;
  /// Marks sorted windows. Idempotent.
  virtual Result<void> mark_stale(std::span<const StaleWindow> windows) = 0;

  /// When it returns, everything is on disk.
  virtual Result<void> commit() = 0;
};

class IngestStore {
 public:
  virtual ~IngestStore() = default;

  /// One transaction at a time.
  virtual Result<std::unique_ptr<IngestTransaction>> begin() = 0;
};

}  // namespace packwalk
