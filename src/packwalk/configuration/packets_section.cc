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
      {"earliest",
       "Packets from before this time are invalid. Such times come from receivers that lost the GPS week number.",
       "\"2015-01-01T00:00:00Z\"", set_earliest},
      Of::seconds("future_seconds_max", "Seconds that a packet may be ahead of the server's clock.", 0, giga,
                  within(&PacketsSection::rules, &AcceptRules::future_slack)),
      Of::number("count_max", "Packets per request. More are answered 413.", 1, giga,
                 within(&PacketsSection::rules, &AcceptRules::packets_max)),
      Of::number(
          "device_day_max",
          "Packets that one device may send to this process per UTC day. More are answered 503. A large packet counts "
          "once per 150 bytes of disk that it takes: an Overland packet as 3, a packet of 1 KB as 33. 0: no limit.",
          0, giga, within(&PacketsSection::limits, &DeviceLimitRules::day_max)),
      Of::number("device_unreadable_max",
                 "Unreadable bodies that one device may send per minute. Each KiB that the server keeps of such a body "
                 "counts as one more. Beyond this limit, the device is answered 503. 0: no limit.",
                 0, giga, within(&PacketsSection::limits, &DeviceLimitRules::unreadable_max)),
      Of::number("phone_status", "Status byte of positions from phones.", 0, 255,
                 within(&PacketsSection::rules, &AcceptRules::phone_status)),
      Of::choice("mend_week_rollover",
                 "Add 1,024 or 2,048 weeks to the time of a phone or tracker if the result is within an hour of now: "
                 "its GPS receiver has lost the week number. The message is marked.",
                 within(&PacketsSection::rules, &AcceptRules::mend_week_rollover)),
  };
}

}  // namespace packwalk
