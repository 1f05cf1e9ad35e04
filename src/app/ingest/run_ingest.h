// Takes batches from the queue and commits them, whatever happens.
#pragma once

#include <functional>

#include "app/ingest/ingest_batch.h"

namespace packwalk {

/// Told of each attempt to commit, on the thread of run_ingest().
using ReportBatch = std::function<void(const Result<IngestReport>&)>;

/// Takes batches of at most `messages_max` from the queue until it is closed and drained. Two workers in each other's
/// way try again at once. A batch with an error that lies in an upload is divided until the one at fault stands alone.
/// It is settled with its error, which makes it a dead letter, and the rest goes on. Only a value that the store never
/// takes is kept first as one invalid message with the reason. An exception counts as such an error when the same
/// upload causes it three times. While the store is unavailable or broken, all wait.
void run_ingest(PacketSource& queue, IngestStore& store, LiveFeed& live, std::size_t messages_max,
                const ReportBatch& report);

}  // namespace packwalk
