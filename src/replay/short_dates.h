// In what order dates of six digits are written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/time_text.h"
#include "replay/csv_sample.h"
#include "replay/reading.h"

namespace packwalk::replay {

struct ShortDates {
  DateOrder order = DateOrder::unknown;  // `unknown`: the year is first
  std::string warning;                   // why that may be wrong; or empty
};

/// Of a column of dates such as 260302 or 020326, by the rows of the sample. Nearly all dates can be read in both
/// orders, so these decide, the first first: dates that cannot be, or are later than `rules.latest`; the order that the
/// operator told; dates that lie much closer together. Nothing where no date has six digits.
std::optional<ShortDates> short_dates_of(const CsvSample& sample, std::size_t column, const ReadRules& rules);

}  // namespace packwalk::replay
