// The in-process queue, a journal of files.
#pragma once

#include <memory>
#include <string>

#include "adapters/journal/queue_limits.h"
#include "base/finding.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// If nothing waits, the queue hands an upload straight to ingest, and confirms it when it is committed. Otherwise the
/// queue appends it to the journal, files in `folder` that are written one after another, where all that wait share one
/// flush, and confirms it when it is on disk. After a crash, uploads of the journal that were not settled come again.
/// An upload that is settled with an error that lies in it becomes a dead letter (dead_letters.h), and so does one that
/// the process died of again and again. `tell` hears of damaged files and dead letters. Errc::unavailable when the
/// folder cannot be used.
Result<std::unique_ptr<PacketQueue>> open_journal_packet_queue(
    const std::string& folder, QueueLimits limits, const DecodeUpload& decode,
    const TellFinding& tell = [](const Finding&) {});

}  // namespace packwalk
