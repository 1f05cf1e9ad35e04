#include "town/town_options.h"

#include "base/ids.h"
#include "base/text.h"

namespace packwalk::town {
namespace {

void append_bound(std::string& text, double value) {
  const auto whole = static_cast<std::int64_t>(value);
  if (static_cast<double>(whole) == value) {
    append_number(text, whole);
  } else {
    append_number(text, value);
  }
}

struct Bounds {
  const char* name;
  double value, min, max;
};

}  // namespace

Result<TownOptions> checked(const TownOptions& options) {
  const Bounds all[] = {
      {"dogs", static_cast<double>(options.dogs), 1, 200'000},
      {"start", static_cast<double>(seconds_since_1970(options.start)), 0, 2'000'000'000},
      {"seconds", static_cast<double>(options.seconds), 1, 366.0 * 86'400},
      {"walks a day", options.walks_a_day, 0, 12},
      {"off-leash share", options.off_leash_share, 0, 1},
      {"spread", options.spread, 1, 20},
      {"noise", options.noise, 0, 100},
      {"lost share", options.lost_share, 0, 1},
      {"sampling", static_cast<double>(options.sampling_seconds_min), 1, 30},
      {"sampling", static_cast<double>(options.sampling_seconds_max), 1, 30},
      {"duplicate share", options.duplicate_share, 0, 1},
      {"shuffle", static_cast<double>(options.shuffle_seconds), 0, 3600},
      {"offline share", options.offline_share, 0, 1},
      {"offline hours", options.offline_hours_max, 0.5, 168},
  };
  for (const Bounds& one : all) {
    if (one.value >= one.min && one.value <= one.max) continue;  // not for NaN
    std::string reason = std::string(one.name) + " must be between ";
    append_bound(reason, one.min);
    reason += " and ";
    append_bound(reason, one.max);
    return fail(Errc::invalid_input, std::move(reason));
  }
  if (options.sampling_seconds_min > options.sampling_seconds_max) {
    return fail(Errc::invalid_input, "the shortest sampling interval is longer than the longest");
  }
  if (const auto id = DeviceId::from_text(options.prefix + "000000"); !id) {
    return fail(Errc::invalid_input, "prefix: " + id.error().detail);
  }
  return options;
}

}  // namespace packwalk::town
