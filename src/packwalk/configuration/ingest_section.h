// [ingest]: the size of a commit, and how much may wait for ingest.
#pragma once

#include <cstddef>
#include <vector>

#include "adapters/journal/journal_packet_queue.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct IngestSection {
  std::size_t batch_messages_max = 10'000;
  QueueLimits queue;
};

std::vector<Setting<IngestSection>> ingest_settings();

}  // namespace packwalk
