#include "packwalk/configuration/ingest_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<IngestSection>> ingest_settings() {
  using Of = SettingsOf<IngestSection>;
  return {
      Of::number("batch_messages_max", "Messages per commit, if that many wait.", 1, giga,
                 &IngestSection::batch_messages_max),
      Of::number("queue_messages_max",
                 "Messages that may wait for ingest. Beyond this limit, devices are answered 503 and send again.", 1,
                 giga, within(&IngestSection::queue, &QueueLimits::messages_max)),
      Of::number("queue_bytes_max", "Bytes that may wait for ingest.", 1024, 1000 * giga,
                 within(&IngestSection::queue, &QueueLimits::bytes_max)),
      Of::number("queue_device_percent",
                 "Percentage of queue_messages_max and queue_bytes_max that one device may use. Beyond this limit, "
                 "only this device is answered 503.",
                 1, 100, within(&IngestSection::queue, &QueueLimits::device_percent)),
  };
}

}  // namespace packwalk
