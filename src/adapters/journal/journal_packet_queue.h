#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/finding.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Either bound makes the queue full. What was taken and not yet settled still counts.
struct QueueLimits {
  std::size_t messages_max = 200'000;
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t device_percent = 25;  // of both that one device may have, so that it does not fill the queue for all
};

/// Is told, from any thread, what somebody should know or do: damaged files, dead letters.
using TellFinding = std::function<void(const Finding&)>;

/// The in-process queue. Where nothing is going on, an upload goes straight on, and its sender is told when it is
/// committed. Else it goes into the journal, files in `folder` that are written one after another, where all that wait
/// share one flush; its sender is told when it stands there. What stands there and was not settled when the process
/// ended comes again. What is settled with an error that lies in it is a dead letter (dead_letters.h), as is what the
/// process died of again and again. Errc::unavailable when the folder cannot be used.
Result<std::unique_ptr<PacketQueue>> open_journal_packet_queue(
    const std::string& folder, QueueLimits limits, const DecodeUpload& decode,
    const TellFinding& tell = [](const Finding&) {});

}  // namespace packwalk
