// Tracks that somebody recorded, as a file tells them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "core/packet/packet.h"

namespace packwalk::replay {

/// One position of the file. Its numbers are finite, and nobody judged them yet.
struct Row {
  std::size_t device = 0;  // index into the recording's devices
  std::size_t line = 0;    // in the file, from 1
  RawTrack packet;
};

/// A row whose numbers cannot be read.
struct UnreadableRow {
  std::size_t line = 0;
  std::string reason;
};

struct Recording {
  std::vector<DeviceId> devices;   // in the order in which the file names them first
  std::vector<std::string> names;  // as the file spells them, place by place
  std::vector<Row> rows;           // in the order of the file
  std::vector<UnreadableRow> unreadable;
};

/// Names as device ids: each byte that an id cannot have becomes `_`, what is too long is cut, and a name that then is
/// taken gets -2, -3 and so on. A name that is an id stays as it is. No name twice.
std::vector<DeviceId> device_ids_of(const std::vector<std::string>& names);

/// Finite, or nothing. Spaces around it and a plus do not matter.
std::optional<double> finite_number_from(std::string_view text);

/// Whole seconds since 1970, of a text that base/time_text reads.
std::optional<double> seconds_from(std::string_view text);

}  // namespace packwalk::replay
