// Tracks that somebody recorded, as a file tells them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time_text.h"
#include "core/packet/packet.h"

namespace packwalk::replay {

/// What a column of a CSV file can tell.
enum class Column : std::uint8_t {
  device,
  timestamp,
  date,  // with `clock`, where no column has both
  clock,
  lat,
  lon,
  altitude,
  accuracy,
  hdop,
  visible,  // false where the recorder itself does not believe a row
  activity
};

/// What the operator said about columns: their names in the file.
using ColumnNames = std::map<Column, std::string>;

/// `device=collar,timestamp=when`. Errc::invalid_input names what is wrong.
Result<ColumnNames> columns_from(std::string_view text);

/// What a reader is told besides the bytes.
struct ReadRules {
  ColumnNames columns;      // those that are not here are found by the names that are usual
  std::string device;       // everything is of this one; else empty
  std::string file_device;  // who it is where neither `device` nor the file tells it
  TimeSpelling times;
  DeviceTime latest = DeviceTime::max();  // no date can be later: chooses between two ways to read it
  bool only_sleep = false;  // a row needs no lat and lon; where a column tells the activity, other rows are left out
  bool waypoints = false;   // of GPX: read waypoints and points of routes that have times, too
};

/// A row whose numbers cannot be read.
struct UnreadableRow {
  std::size_t line = 0;
  std::string reason;
};

/// What is done with each row of a file: the name of its device as the file spells it, the line, the packet. Its
/// numbers are finite, and nobody judged them yet.
using TakeRow = std::function<void(std::string_view device, std::size_t line, const RawTrack& packet)>;
using TakeUnreadable = std::function<void(UnreadableRow row)>;

/// Who says of which device a row is.
enum class DeviceFrom : std::uint8_t { column, flag, file, track };

/// How a file was understood.
struct Reading {
  std::string form;                             // "CSV, separated by commas"
  std::vector<std::string> meanings;            // "timestamp = Date and Time"
  std::vector<std::string> warnings;            // whole sentences, without a full stop
  std::size_t without_position = 0;             // rows in which no place stands
  std::size_t not_visible = 0;                  // rows that the recorder itself does not believe
  DeviceFrom device_from = DeviceFrom::column;  // `track`: where a track has no name, the file
  std::string device_warning;                   // likewise, of its devices; or empty
};

/// All its warnings.
std::vector<std::string> warnings_of(const Reading& reading);

/// Row by row, of a CSV or GPX file, whichever it is by its first bytes. Errc::invalid_input when it is neither, or
/// when a column that is needed is not found, or when there is nothing in it to read, or when one of its rows is too
/// large: then the rows before it were given, and count for nothing. Samples of sleep are CSV only.
Result<Reading> each_row(std::string_view text, const ReadRules& rules, const TakeRow& take,
                         const TakeUnreadable& unreadable);

/// One position of the file.
struct Row {
  std::size_t device = 0;  // index into the recording's devices
  std::size_t line = 0;    // in the file, from 1
  RawTrack packet;
};

struct Recording {
  std::vector<DeviceId> devices;   // in the order in which the file names them first
  std::vector<std::string> names;  // as the file spells them, place by place
  std::vector<Row> rows;           // in the order of the file
  std::vector<UnreadableRow> unreadable;
  Reading reading;
};

/// All that each_row() reads.
Result<Recording> read_recording(std::string_view text, const ReadRules& rules);

/// Names as device ids: each byte that an id cannot have becomes `_`, what is too long is cut, and a name that then is
/// taken gets -2, -3 and so on. A name that is an id stays as it is. No name twice.
std::vector<DeviceId> device_ids_of(const std::vector<std::string>& names);

}  // namespace packwalk::replay
