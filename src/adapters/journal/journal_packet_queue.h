#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "ports/packet_queue.h"

namespace packwalk {

/// Either bound makes the queue full. What was taken and not yet settled still counts.
struct QueueLimits {
  std::size_t messages_max = 200'000;
  std::size_t bytes_max = std::size_t{64} * 1024 * 1024;
};

/// The in-process queue. Where nothing is going on, a delivery goes straight on, and its sender is told when it is
/// committed. Else it goes into the journal, files in `folder` that are written one after another, where all that wait
/// share one flush; its sender is told when it stands there. What stands there and was not settled when the process
/// ended comes again. Errc::unavailable when the folder cannot be used.
Result<std::unique_ptr<PacketQueue>> open_journal_packet_queue(const std::string& folder, QueueLimits limits,
                                                               const DecodeDelivery& decode);

}  // namespace packwalk
