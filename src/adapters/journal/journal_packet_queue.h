// The in-process queue: a journal in files.
#pragma once

#include <memory>
#include <string>

#include "adapters/journal/queue_limits.h"
#include "base/finding.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// If no upload waits, the queue passes a new one directly to ingest, and confirms it after the commit. Otherwise the
/// queue appends it to the journal, the files in `folder`, and confirms it when it is on disk; waiting uploads share
/// one flush. After a crash, unsettled uploads of the journal are redelivered. An upload that is at fault becomes a
/// dead letter (dead_letters.h), and so does one that crashes the process repeatedly. `tell` receives findings about
/// damaged files and dead letters. Errc::unavailable: the folder cannot be used.
Result<std::unique_ptr<PacketQueue>> open_journal_packet_queue(
    const std::string& folder, QueueLimits limits, const DecodeUpload& decode,
    const TellFinding& tell = [](const Finding&) {});

}  // namespace packwalk
