#include "packwalk/configuration/queue_section.h"

#include <algorithm>

#include "adapters/rabbitmq/link.h"
#include "packwalk/configuration/list_text.h"
#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {
namespace {

Result<void> set_urls(QueueSection& queue, const std::string& text) {
  queue.urls = parts_of(text, ',');
  const auto is_url = [](const std::string& part) { return rabbitmq::vhost_of(part).has_value(); };
  if (std::all_of(queue.urls.begin(), queue.urls.end(), is_url)) return {};
  return fail(Errc::invalid_input, "must be amqp://user:password@host:port/vhost; separate several with commas");
}

}  // namespace

std::vector<Setting<QueueSection>> queue_settings() {
  using Of = SettingsOf<QueueSection>;
  return {
      {"urls",
       "RabbitMQ nodes, amqp://user:password@host:port/vhost or amqps://.., separated by commas. Packwalk tries them "
       "in turn. Empty: the queue is a journal in the data folder.",
       "\"\"", set_urls},
      Of::text("ca_file", "CA bundle that verifies the broker if the URL is amqps. Empty: the bundle of the system.",
               &QueueSection::ca_file),
      Of::text("name", "Name of the queue at the broker. Its dead-letter queue has the same name with .dead appended.",
               &QueueSection::queue),
      Of::number("bytes_max",
                 "Bytes that may wait at the broker. Beyond this limit, devices are answered 503 and send again.", 1024,
                 1000 * giga, &QueueSection::queue_bytes_max),
      Of::number("deliveries_max",
                 "Delivery attempts before a message that crashes its consumer becomes a dead letter.", 1, giga,
                 &QueueSection::deliveries_max),
      Of::seconds(
          "confirm_seconds_max",
          "Seconds from the arrival of a packet to the broker's confirmation. After that, devices are answered 503.", 1,
          3600, &QueueSection::confirm_max),
      Of::seconds("hold_seconds_max",
                  "If the store does not answer, a worker holds uncommitted messages for this many seconds. Then it "
                  "returns them to the broker. Set it below RabbitMQ's consumer_timeout.",
                  1, 86'400, &QueueSection::hold_max),
  };
}

}  // namespace packwalk
