#include "core/packet/message.h"

#include <array>
#include <utility>

namespace packwalk {
namespace {

constexpr std::array transport_names = {
    std::pair{Transport::http_binary, std::string_view("http/binary")},
    std::pair{Transport::http_json, std::string_view("http/json")},
    std::pair{Transport::http_ndjson, std::string_view("http/ndjson")},
    std::pair{Transport::osmand_form, std::string_view("osmand/form")},
    std::pair{Transport::osmand_json, std::string_view("osmand/json")},
    std::pair{Transport::owntracks, std::string_view("owntracks")},
    std::pair{Transport::overland, std::string_view("overland")},
};
constexpr std::array<std::string_view, verdict_count> verdict_names = {"accepted", "duplicate", "conflict", "invalid"};

}  // namespace

std::string_view name_of(Transport transport) {
  for (const auto& [known, name] : transport_names) {
    if (known == transport) return name;
  }
  return "";
}

std::string_view name_of(Verdict verdict) { return verdict_names.at(static_cast<std::size_t>(verdict)); }

std::optional<Verdict> verdict_from_name(std::string_view name) {
  for (std::size_t i = 0; i < verdict_count; ++i) {
    if (verdict_names[i] == name) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

std::optional<PacketKey> key_of(const Message& message) {
  if (const auto* track = std::get_if<TrackPacket>(message.content)) {
    return PacketKey{message.device, Family::track, track->timestamp};
  }
  if (const auto* activity = std::get_if<ActivityPacket>(message.content)) {
    return PacketKey{message.device, Family::activity, activity->timestamp};
  }
  return std::nullopt;
}

}  // namespace packwalk
