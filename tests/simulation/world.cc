#include "tests/simulation/world.h"

#include <rapidcheck.h>

#include <utility>

#include "adapters/memory/memory_packet_queue.h"
#include "app/accept_packets.h"
#include "app/ingest_batch.h"
#include "tests/support/faulty_ingest_store.h"

namespace packwalk {
namespace {

constexpr ServerTime start = server_time(1'770'000'000'000'000);

CommitFate commit_fate_of(Fate fate) {
  if (fate == Fate::refused) return CommitFate::refused;
  return fate == Fate::doubtful ? CommitFate::doubtful : CommitFate::done;
}

}  // namespace

World::World(std::unique_ptr<Installation> installation)
    : installation_(std::move(installation)), query_(installation_->query_store()), clock_(start) {
  restart();
}

void World::send(const Parcel& parcel) {
  const ServerTime received_at = clock_.last() + std::chrono::microseconds(1);
  unsafe_.emplace(received_at, parcel);
  const auto told = [this, received_at](bool safe) {
    const auto sent = unsafe_.extract(received_at);
    RC_ASSERT(!sent.empty());  // once
    if (!safe) failed_.push_back(sent.mapped());
  };
  if (parcel.transport == Transport::owntracks) {
    Delivery delivery{parcel.device,
                      clock_.now(),
                      parcel.transport,
                      parcel.body,
                      {{0, parcel.body.size(), Notice{"last will"}, hash_of_bytes(parcel.body)}}};
    RC_ASSERT(
        queue_->put(std::move(delivery), [told](const Result<void>& kept) { told(kept.has_value()); }).has_value());
  } else {
    const AcceptPackets accept_packets(*queue_, clock_, AcceptRules{});
    accept_packets.accept(parcel.device, parcel.transport, parcel.body,
                          [told](const Result<Receipt>& receipt) { told(receipt.has_value()); });
  }
}

void World::ingest(std::size_t messages_max, Fate fate) {
  if (queue_->depth(start).deliveries == 0) return;
  PacketQueue::Batch batch = queue_->take(messages_max);
  FaultyIngestStore faulty(*store_);
  faulty.set_next_commit(commit_fate_of(fate));
  const auto ingested = ingest_batch(batch.deliveries, faulty, *live_);
  RC_ASSERT(ingested.has_value() == (fate == Fate::committed || fate == Fate::died));
  if (fate != Fate::refused) {
    for (const Delivery& delivery : batch.deliveries)
      model_.commit(unsafe_.at(delivery.received_at), delivery.received_at);
  }
  if (fate == Fate::died) return restart();
  queue_->settle(std::move(batch), ingested ? Result<void>() : Result<void>(tl::unexpected(ingested.error())));
  repeat_what_failed();
}

void World::restart() {
  store_.reset();
  store_ = installation_->ingest_store();
  queue_ = make_memory_packet_queue({});
  live_ = std::make_unique<LivePositions>();
  RC_ASSERT(live_->fill_from(*query_).has_value());
  for (auto& [received_at, parcel] : std::exchange(unsafe_, {})) failed_.push_back(std::move(parcel));
  repeat_what_failed();
}

void World::repeat_what_failed() {
  const auto failed = std::exchange(failed_, {});
  for (const Parcel& parcel : failed) send(parcel);
}

void World::finish() {
  while (!unsafe_.empty()) ingest(1000, Fate::committed);
}

}  // namespace packwalk
