#include "api/device_answers.h"

#include "api/fix_answers.h"
#include "base/base64.h"
#include "base/hexadecimal.h"

namespace packwalk {
namespace {

void write_status(JsonWriter& json, const std::optional<StatusReading>& status) {
  if (status) {
    json.member("status", status->status);
    json.member("status_timestamp", status->timestamp);
  } else {
    json.member("status", nullptr);
    json.member("status_timestamp", nullptr);
  }
}

}  // namespace

void write_message(JsonWriter& json, const StoredMessage& message) {
  json.object([&] {
    const auto hash = hexadecimal(message.hash);
    std::string content;
    append_base64(content, message.content);
    json.member("verdict", name_of(message.verdict));
    json.member("reason", message.reason.empty() ? std::nullopt : std::optional(message.reason));
    json.member("hash", std::string_view(hash.data(), hash.size()));
    json.member("received_at", message.received_at);
    json.member("transport", name_of(message.transport));
    json.member("content", content);
  });
}

void write_listed_device(JsonWriter& json, const ListedDevice& listed) {
  json.object([&] {
    json.member("device", listed.device.id.text());
    json.member("created_at", listed.device.created_at);
    json.member("removed_at", listed.device.removed_at);
    json.member("last_seen", listed.last_seen);
  });
}

std::string device_json(const RegisteredDevice& device, const CurrentState& state, ServerTime now) {
  JsonWriter json;
  json.object([&] {
    json.member("device", device.id.text());
    json.member("created_at", device.created_at);
    json.member("removed_at", device.removed_at);
    json.member("last_seen", state.last_seen);
    write_status(json, state.status);
    json.begin_member("position");
    if (state.last_fix) {
      write_position(json, {device.id.text(), *state.last_fix}, now);
    } else {
      json.value(nullptr);
    }
    const MessageCounts& counts = state.counts;
    json.member("accepted_count", counts.accepted());
    json.member("duplicate_count", counts.duplicates);
    json.member("conflict_count", counts.conflicts);
    json.member("invalid_count", counts.invalid);
    json.member("fix_count", counts.fixes);
    json.member("sample_count", counts.samples);
  });
  return json.take();
}

}  // namespace packwalk
