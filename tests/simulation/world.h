// Collars, the real way of a packet into a store, and all that can go wrong on it.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "app/live_positions.h"
#include "ports/packet_queue.h"
#include "tests/simulation/obvious_model.h"
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

/// A sender repeats, later than all that it sent before, what it was not told to be safe.
class World {
 public:
  explicit World(std::unique_ptr<Installation> installation);

  void send(const Parcel& parcel);
  /// The next batch of what waits, if anything does.
  void ingest(std::size_t messages_max, Fate fate);
  /// Another server on the same store; what waited is lost.
  void restart();
  /// Ingests until all that was sent is safe.
  void finish();

  /// What must be in the store: the parcels whose commit was made.
  const ObviousModel& model() const { return model_; }
  QueryStore& query() { return *query_; }
  LivePositions& live() { return *live_; }

 private:
  void repeat_what_failed();

  std::unique_ptr<Installation> installation_;
  std::unique_ptr<IngestStore> store_;
  std::unique_ptr<QueryStore> query_;
  std::unique_ptr<PacketQueue> queue_;
  std::unique_ptr<LivePositions> live_;
  ManualClock clock_;
  std::map<ServerTime, Parcel> unsafe_;  // sent and not yet told to be safe, by the time of receipt
  std::vector<Parcel> failed_;           // told not to be kept
  ObviousModel model_;
};

}  // namespace packwalk
