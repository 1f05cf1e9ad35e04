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
  return fail(Errc::invalid_input, "must be amqp://user:password@host:port/vhost; several with commas between them");
}

}  // namespace

std::vector<Setting<QueueSection>> queue_settings() {
  using Of = SettingsOf<QueueSection>;
  return {
      {"urls",
       "The brokers of the queue, amqp://user:password@host:port/vhost or amqps, with commas between; they are tried "
       "in turn. Empty: a journal in the data folder.",
       "\"\"", set_urls},
      Of::text(
          "ca_file",
          "File with the certificates of the authorities that are trusted, for amqps. Empty: the system's authorities.",
          &QueueSection::ca_file),
      Of::text("name", "The queue at the broker; its dead letters are in the same name and .dead.",
               &QueueSection::queue),
      Of::number("bytes_max", "Bytes that may wait at the broker; then devices are answered 503 and send again.", 1024,
                 1000 * giga, &QueueSection::queue_bytes_max),
      Of::number("deliveries_max",
                 "Delivery attempts before a message that crashes its consumer becomes a dead letter.", 1, giga,
                 &QueueSection::deliveries_max),
      Of::seconds(
          "confirm_seconds_max",
          "Seconds that the broker may take to confirm a packet, from its arrival on; then devices are answered 503.",
          1, 3600, &QueueSection::confirm_max),
      Of::seconds("hold_seconds_max",
                  "Seconds that a worker holds what it cannot commit while the store does not answer; then it waits at "
                  "the broker. Less than consumer_timeout of RabbitMQ.",
                  1, 86'400, &QueueSection::hold_max),
  };
}

}  // namespace packwalk
