// Recorded tracks in a CSV file.
#pragma once

#include <string_view>

#include "base/result.h"
#include "replay/reading.h"

namespace packwalk::replay {

/// The rows of a CSV text, as each_row() gives them; replay/csv_reader says what is CSV, replay/column_names what the
/// first line may call the columns. What cannot be read of altitude and accuracy is unknown, and the row is read; of
/// HDOP, accuracy is that times 5 m. A longitude from 180 to 360 is one from -180 to 0. Errc::invalid_input when a
/// column that is needed is not found, or `rules.device` is given beside a column of devices.
Result<Reading> each_csv_row(std::string_view text, const ReadRules& rules, const TakeRow& take,
                             const TakeUnreadable& unreadable);

}  // namespace packwalk::replay
