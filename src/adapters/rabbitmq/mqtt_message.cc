#include "adapters/rabbitmq/mqtt_message.h"

#include "base/text.h"
#include "core/packet/canonical_form.h"

namespace packwalk::rabbitmq {

Transport transport_of(std::string_view body) {
  const std::string_view text = trimmed(body);
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return Transport::mqtt_binary;
  if (text[0] == '[') return Transport::mqtt_json;
  std::size_t at = 0;
  const std::string_view first = trimmed(next_line(text, at));
  return at < text.size() && first.ends_with('}') ? Transport::mqtt_ndjson : Transport::mqtt_json;
}

ServerTime received_at_of(std::int64_t timestamp_ms, std::string_view body) {
  return server_time(timestamp_ms * 1000 + static_cast<std::int64_t>(hash_of_bytes(body) % 1000));
}

}  // namespace packwalk::rabbitmq
