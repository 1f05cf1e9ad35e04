// Tracks that somebody recorded, as a file tells them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "core/packet/packet.h"
#include "replay/reading.h"

namespace packwalk::replay {

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
  std::vector<std::string> names;  // as the file spells them, index by index
  std::vector<Row> rows;           // in the order of the file
  std::vector<UnreadableRow> unreadable;
  Reading reading;
};

/// All that each_row() reads.
Result<Recording> read_recording(std::string_view text, const ReadRules& rules);

}  // namespace packwalk::replay
