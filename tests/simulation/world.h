// Collars, the real way of a packet into a store, and all that can go wrong on it.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "app/questions/live_positions.h"
#include "tests/simulation/obvious_model.h"
#include "tests/support/list_queue.h"
#include "tests/support/manual_clock.h"
#include "tests/support/stores.h"

namespace packwalk {

/// What becomes of a batch.
enum class Fate {
  committed,
  refused,   // the commit fails and leaves no trace
  doubtful,  // the commit is reported as failed, though it was made
  died,      // the server dies after the commit, before it could tell anyone
};

/// What is sent is safe in the queue, which gives again what it was not told to be committed.
class World {
 public:
  /// With a seed, what the store is told about keys that are likely taken are lies.
  explicit World(std::unique_ptr<Installation> installation, std::optional<std::uint32_t> lies = std::nullopt);

  void send(const Parcel& parcel);
  /// The next batch of what waits, if anything does.
  void ingest(std::size_t messages_max, Fate fate);
  /// Another server on the same store and queue.
  void restart();
  /// Ingests all that was sent.
  void finish();

  /// What must be in the store: the parcels whose commit was made.
  const ObviousModel& model() const { return model_; }
  DeviceRows rows_of(DeviceNumber device) { return read_rows(*query_, *messages_, *audit_, *analysis_, device); }
  LivePositions& live() { return *live_; }

 private:
  std::unique_ptr<Installation> installation_;
  const std::optional<std::uint32_t> lies_;
  std::unique_ptr<IngestStore> store_;
  std::unique_ptr<QueryStore> query_;
  std::unique_ptr<MessageReader> messages_;
  std::unique_ptr<AuditStore> audit_;
  std::unique_ptr<AnalysisStore> analysis_;
  ListQueue queue_;
  std::unique_ptr<LivePositions> live_;
  ManualClock clock_;
  std::map<ServerTime, Parcel> uncommitted_;  // by the time of receipt
  ObviousModel model_;
};

}  // namespace packwalk
