// Takes batches from the queue and commits them, whatever happens.
#pragma once

#include <functional>

#include "app/ingest_batch.h"

namespace packwalk {

/// Told of each attempt to commit, on the thread of run_ingest().
using ReportBatch = std::function<void(const Result<IngestReport>&)>;

/// Takes batches of at most `messages_max` from the queue until it is closed and drained. Two workers in each other's
/// way try again at once. A batch with a value that the store never takes is divided until the delivery at fault stands
/// alone; that one is kept as one invalid message with the reason, and only if that fails too is it the queue's to
/// judge. So is one for which the store has lost its place, until that is restored.
void run_ingest(PacketSource& queue, IngestStore& store, LiveFeed& live, std::size_t messages_max,
                const ReportBatch& report);

}  // namespace packwalk
