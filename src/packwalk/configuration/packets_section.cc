#include "packwalk/configuration/packets_section.h"

#include "base/time_text.h"
#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {
namespace {

Result<void> set_earliest(PacketsSection& packets, const std::string& text) {
  const auto time = time_from_text(text);
  if (!time) return fail(Errc::invalid_input, "must be a time such as \"2015-01-01T00:00:00Z\"");
  packets.rules.earliest = *time;
  return {};
}

}  // namespace

std::vector<Setting<PacketsSection>> packets_settings() {
  using Of = SettingsOf<PacketsSection>;
  return {
      {"earliest", "Packets from before this time are invalid: a clock that lost its week number.",
       "\"2015-01-01T00:00:00Z\"", set_earliest},
      Of::seconds("future_seconds_max", "How far in the future, by the server's clock, a packet may be.", 0, giga,
                  within(&PacketsSection::rules, &AcceptRules::future_slack)),
      Of::number("count_max", "Packets in one request; more are answered 413.", 1, giga,
                 within(&PacketsSection::rules, &AcceptRules::packets_max)),
      Of::number("device_day_max",
                 "Packets that one device may send to this process in a day of UTC; more are answered 503. One of more "
                 "than 150 bytes counts as one for each 150 bytes of disk that it takes: of Overland as 3, of 1 KB as "
                 "33. 0: no limit.",
                 0, giga, within(&PacketsSection::limits, &DeviceLimitRules::day_max)),
      Of::number("device_unreadable_max",
                 "Bodies of one device in a minute that cannot be read, each KiB kept of them counted as one more; "
                 "beyond them it is answered 503. 0: no limit.",
                 0, giga, within(&PacketsSection::limits, &DeviceLimitRules::unreadable_max)),
      Of::number("phone_status", "The status byte of positions that come from a phone.", 0, 255,
                 within(&PacketsSection::rules, &AcceptRules::phone_status)),
      Of::choice(
          "mend_week_rollover",
          "Whether a phone's or tracker's time that is 1,024 or 2,048 weeks back, and within an hour of now when they "
          "are added, is corrected so: its receiver of GPS has lost count of the weeks. The message says so.",
          within(&PacketsSection::rules, &AcceptRules::mend_week_rollover)),
  };
}

}  // namespace packwalk
