// The rules that the fuzzers give the decoders of phone apps, and what only these have to keep.
#pragma once

#include "core/packet/fuzz_rules.h"
#include "core/phone/phone_fix.h"

namespace packwalk::fuzz {

/// As app/decode_message gives them: each position of a phone is judged for itself.
inline const PhoneRules phone_rules{part_rules, 7, server_time(1'767'261'777'900'000)};

inline void check_phone(std::string_view body, const DecodedBody& decoded) {
  check(body, decoded);
  for (const DecodedMessage& message : decoded.messages) {
    require(!std::holds_alternative<ActivityPacket>(message.content), "a phone reports no activity");
    const auto* track = std::get_if<TrackPacket>(&message.content);
    if (!track) continue;
    require(track->status == phone_rules.phone_status, "a phone's status is that of the rules");
    require(!track->accuracy.known() || track->accuracy.value_or(0) > 0, "a phone's accuracy is unknown or above 0");
  }
}

}  // namespace packwalk::fuzz
