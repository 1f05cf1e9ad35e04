#include "packwalk/configuration/ingest_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<IngestSection>> ingest_settings() {
  using Of = SettingsOf<IngestSection>;
  return {
      Of::number("batch_messages_max", "Messages that are committed together, when so many wait.", 1, giga,
                 &IngestSection::batch_messages_max),
      Of::number("queue_messages_max", "Messages that may wait; then devices are answered 503 and send again.", 1, giga,
                 within(&IngestSection::queue, &QueueLimits::messages_max)),
      Of::number("queue_bytes_max", "Bytes that may wait.", 1024, 1000 * giga,
                 within(&IngestSection::queue, &QueueLimits::bytes_max)),
      Of::number("queue_device_percent",
                 "Percentage of both that one device may use; beyond it, this device alone is answered 503.", 1, 100,
                 within(&IngestSection::queue, &QueueLimits::device_percent)),
  };
}

}  // namespace packwalk
