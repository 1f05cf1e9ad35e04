// Recorded tracks in a CSV file (RFC 4180; commas, semicolons or tabs).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "replay/recording.h"

namespace packwalk::replay {

/// The fields of a row.
enum class Column : std::uint8_t { device, timestamp, lat, lon, altitude, accuracy };

/// What the operator said about columns: their names in the file.
using ColumnNames = std::map<Column, std::string>;

/// `device=collar,timestamp=when`. Errc::invalid_input names what is wrong.
Result<ColumnNames> columns_from(std::string_view text);

struct CsvRules {
  ColumnNames columns;      // those that are not here are found by the names that are usual
  std::string device;       // the one device of a file without such a column; else empty
  bool only_sleep = false;  // a row needs no lat and lon; where a column tells the activity, other rows are left out
};

/// What is done with each row of a file: the name of its device as the file spells it, the line, the packet.
using TakeRow = std::function<void(const std::string& device, std::size_t line, const RawTrack& packet)>;
using TakeUnreadable = std::function<void(UnreadableRow row)>;

/// Row by row, as read_csv() reads them.
Result<void> each_csv_row(std::string_view text, const CsvRules& rules, const TakeRow& take,
                          const TakeUnreadable& unreadable);

/// The first line names the columns. Altitude and accuracy may be missing, or empty or NA in a row. Errc::invalid_input
/// when a column that is needed is not found, or `device` is given beside such a column.
Result<Recording> read_csv(std::string_view text, const CsvRules& rules);

}  // namespace packwalk::replay
