// Port: where ingest keeps messages and what follows from them. Contract: tests/contract/ingest_store_test.cc.
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
  bool is_likely_taken = false;  // a guess: the store may look first
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
/// What a transaction writes into the outbox (ports/outbox.h).
struct NewEvent {
  Event event;
  ServerTime caused_at{};  // when its cause reached the server
};
/// Who has the key of a message (device, received_at, ordinal).
enum class Occupant : std::uint8_t { none, the_very_same, another };

/// One batch, all or nothing: dropped without commit() it leaves no trace. Calls block; one thread. After an error
/// (Errc::unavailable: try again later, Errc::overloaded: at once, Errc::invalid_input: some value of the batch will
/// never be taken, Errc::not_found: the part of the store for some of it is lost, Errc::corrupt: what is kept of a
/// device is impossible, Errc::broken: the store takes nothing until a person mends it) only the destructor may follow.
class IngestTransaction {
 public:
  virtual ~IngestTransaction() = default;

  /// Adds each fix unless its (device, timestamp) is taken; says for each whether it won, and the hash that stands.
  /// The store's unique key is the judge, and a guess about it changes nothing. Sorted by key, no key twice.
  virtual Result<std::vector<Standing>> claim(std::span<const FixClaim> fixes) = 0;
  virtual Result<std::vector<Standing>> claim(std::span<const SampleClaim> samples) = 0;

  /// The states of some devices, index by index, held against other writers until the end; a fresh one where there
  /// is none. Sorted, no device twice.
  virtual Result<std::vector<CurrentState>> states(std::span<const DeviceNumber> devices) = 0;

  /// Which devices were erased, or are about to be: nothing of them may be kept. Asked when their states are held, so
  /// that none is erased until the end. Sorted, as are those that it returns.
  virtual Result<std::vector<DeviceNumber>> erased(std::span<const DeviceNumber> devices) = 0;

  virtual Result<void> put(std::span<const CurrentState> states) = 0;
  /// What is kept already at the device, time and ordinal of each message.
  virtual Result<std::vector<Occupant>> occupants(std::span<const Message> messages) = 0;
  /// Errc::overloaded when there is something already where one of them would be.
  virtual Result<void> keep(std::span<const KeptMessage> messages) = 0;
  /// Writes events into the outbox, in their order; those of each device in the order in which they are to be sent. An
  /// event whose key is there already is left out.
  virtual Result<void> announce(std::span<const NewEvent> events) = 0;
  /// Sorted. A window that is marked already stays so.
  virtual Result<void> mark_stale(std::span<const StaleWindow> windows) = 0;

  /// Everything is on disk when it returns.
  virtual Result<void> commit() = 0;
};

class IngestStore {
 public:
  virtual ~IngestStore() = default;

  /// One transaction at a time.
  virtual Result<std::unique_ptr<IngestTransaction>> begin() = 0;
};

}  // namespace packwalk
