// Takes batches from the queue and commits them, in spite of errors.
#pragma once

#include <functional>

#include "app/ingest/ingest_batch.h"

namespace packwalk {

/// Called for each attempt to commit, on the thread of run_ingest().
using ReportBatch = std::function<void(const Result<IngestReport>&)>;

/// Takes batches of at most `messages_max` messages from the queue until it is closed and drained. If two workers
/// conflict, they retry immediately. If an upload is at fault, the batch is split until that upload is alone. It is
/// settled with its error and becomes a dead letter, and the rest is committed. A value that the store never accepts is
/// first stored as one invalid message with the reason. An exception counts as a fault of the upload if the same upload
/// causes it three times. While the store is unavailable or broken, all uploads wait.
void run_ingest(PacketSource& queue, IngestStore& store, LiveFeed& live, std::size_t messages_max,
                const ReportBatch& report);

}  // namespace packwalk
