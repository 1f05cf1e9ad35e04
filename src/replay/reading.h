// What a reader of recorded tracks is told, what it gives for each row, and what it says about the file.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_text.h"
#include "core/packet/packet.h"
#include "replay/column_names.h"

namespace packwalk::replay {

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
  std::size_t without_position = 0;             // rows without a position
  std::size_t not_visible = 0;                  // rows that the recorder itself does not believe
  DeviceFrom device_from = DeviceFrom::column;  // `track`: where a track has no name, the file
  std::string device_warning;                   // likewise, of its devices; or empty
};

/// All its warnings.
std::vector<std::string> warnings_of(const Reading& reading);

}  // namespace packwalk::replay
