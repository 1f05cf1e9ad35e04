// Days, weeks and months of a time zone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace date {
class time_zone;
}

namespace packwalk {

enum class PeriodKind { day, week, month };

/// A civil day, ISO week (from Monday) or month: from <= t < until.
struct Period {
  std::chrono::year_month_day first_day;
  DeviceTime from{};
  DeviceTime until{};

  friend bool operator==(const Period&, const Period&) = default;
};

/// A zone of the machine's IANA time zone database, in which days begin at midnight, or, where a change of the clock
/// takes midnight away, with the change. A midnight that comes twice counts the first time. Good for ever; thread-safe.
class CivilZone {
 public:
  /// "Europe/Volgograd", "UTC"; Errc::invalid_input: the name is unknown.
  static Result<CivilZone> from_name(std::string_view name);

  /// The periods that have a second of from <= t < until, each whole, in order; none is empty, so a day that a zone
  /// left out is not among them. Errc::invalid_input when they are more than `count_max`.
  Result<std::vector<Period>> periods(PeriodKind kind, DeviceTime from, DeviceTime until, std::size_t count_max) const;

  /// The last `count` periods, that with the second `now` among them.
  std::vector<Period> last_periods(PeriodKind kind, DeviceTime now, std::size_t count) const;

  DeviceTime beginning_of(std::chrono::year_month_day day) const;

 private:
  explicit CivilZone(const date::time_zone& zone) : zone_(&zone) {}
  std::chrono::sys_days day_of(DeviceTime time) const;
  Period period_from(PeriodKind kind, std::chrono::sys_days first_day) const;

  const date::time_zone* zone_;  // of the library, which keeps it until the end
};

/// "2026-03-01"
std::string day_text(std::chrono::year_month_day day);

std::optional<PeriodKind> period_kind_from_name(std::string_view name);
std::string_view name_of(PeriodKind kind);

}  // namespace packwalk
