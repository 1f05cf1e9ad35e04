#include "tests/simulation/world.h"

#include <rapidcheck.h>

#include <utility>

#include "app/ingest/accept_packets.h"
#include "app/ingest/hinted_ingest_store.h"
#include "app/ingest/ingest_batch.h"
#include "tests/support/faulty_ingest_store.h"
#include "tests/support/lying_seen_keys.h"

namespace packwalk {
namespace {

constexpr ServerTime start = server_time(1'770'000'000'000'000);

CommitFate commit_fate_of(Fate fate) {
  if (fate == Fate::refused) return CommitFate::refused;
  return fate == Fate::doubtful ? CommitFate::doubtful : CommitFate::done;
}

}  // namespace

World::World(std::unique_ptr<Installation> installation, std::optional<std::uint32_t> lies)
    : installation_(std::move(installation)),
      lies_(lies),
      query_(installation_->query_store()),
      messages_(installation_->message_reader()),
      audit_(installation_->audit_store()),
      analysis_(installation_->analysis_store()),
      clock_(start) {
  restart();
}

void World::send(const Parcel& parcel) {
  const ServerTime received_at = clock_.last() + std::chrono::microseconds(1);
  uncommitted_.emplace(received_at, parcel);
  bool safe = false;
  if (parcel.transport == Transport::owntracks) {
    Upload upload{.device = parcel.device,
                  .received_at = clock_.now(),
                  .transport = parcel.transport,
                  .body = parcel.body,
                  .messages = {{0, parcel.body.size(), Heartbeat{"last will"}, hash_of_bytes(parcel.body)}}};
    RC_ASSERT(queue_.put(std::move(upload), [&](const Result<void>& kept) { safe = kept.has_value(); }).has_value());
  } else {
    const AcceptPackets accept_packets(queue_, clock_, AcceptRules{});
    accept_packets.accept(parcel.device, parcel.transport, parcel.body,
                          [&](const Result<Receipt>& receipt) { safe = receipt.has_value(); });
  }
  RC_ASSERT(safe);
}

void World::ingest(std::size_t messages_max, Fate fate) {
  if (queue_.depth(start).uploads == 0) return;
  UploadBatch batch = queue_.take(messages_max);
  FaultyIngestStore faulty(*store_);
  faulty.set_next_commit(commit_fate_of(fate));
  const auto ingested = ingest_batch(batch.uploads, faulty, *live_);
  RC_ASSERT(ingested.has_value() == (fate == Fate::committed || fate == Fate::died));
  if (fate != Fate::refused) {
    for (const Upload& upload : batch.uploads) {
      const auto first_time = uncommitted_.extract(upload.received_at);
      if (!first_time.empty()) model_.commit(first_time.mapped(), upload.received_at);
    }
    model_.end_batch();
  }
  const bool told = ingested.has_value() && fate != Fate::died;
  queue_.settle(std::move(batch), told ? Result<void>() : Result<void>(fail(Errc::unavailable, "not told")));
  if (fate == Fate::died) restart();
}

void World::restart() {
  store_.reset();
  store_ = installation_->ingest_store();
  if (lies_) store_ = make_hinted_ingest_store(std::move(store_), std::make_unique<LyingSeenKeys>(*lies_));
  queue_.restart();
  live_ = std::make_unique<LivePositions>();
  RC_ASSERT(live_->fill_from(*query_).has_value());
}

void World::finish() {
  while (queue_.depth(start).uploads > 0) ingest(1000, Fate::committed);
  RC_ASSERT(uncommitted_.empty());
}

}  // namespace packwalk
