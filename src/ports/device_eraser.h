// Port: takes a device and all that came from it out of the store. Contract: tests/contract/device_eraser_test.cc.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"

namespace packwalk {

/// How many rows of a device one part of an installation has: a table, say.
struct RowCount {
  std::string part;
  std::int64_t rows = 0;

  friend bool operator==(const RowCount&, const RowCount&) = default;
};

/// Each call may be repeated, also after a crash. Calls block; one thread. Errc::unavailable: try again.
class DeviceEraser {
 public:
  virtual ~DeviceEraser() = default;

  /// A device that is there, was removed, or whose erasure was begun and not ended. Errc::not_found.
  virtual Result<DeviceNumber> find(const DeviceId& id) = 0;

  /// The ids of those whose erasure was begun and not ended, sorted.
  virtual Result<std::vector<std::string>> unfinished() = 0;

  /// Its tokens no longer count, and when this returns nobody adds anything of it to the store: who was about to has
  /// ended, and who comes later finds it erased. Errc::invalid_input: its originals were copied to an archive that the
  /// configuration does not name.
  virtual Result<void> begin(DeviceNumber device, ServerTime now) = 0;

  /// Deletes about `rows_max` rows of it, or of it and another device, in a transaction, and says about how many; 0:
  /// there are no more. Goes on where the call before it ended, for the same device. The rows of other devices stay.
  virtual Result<std::int64_t> erase_some(DeviceNumber device, std::size_t rows_max) = 0;

  /// Of every part that can have some, those with none too. What was put aside, and is no longer part of the store,
  /// is named where it still has rows of it: they are whoever's who did it.
  virtual Result<std::vector<RowCount>> count(DeviceNumber device) = 0;

  /// Its id no longer names it, and may be given to a new device, with a new number. What is left of it is its number.
  virtual Result<void> end(DeviceNumber device, ServerTime now) = 0;
};

}  // namespace packwalk
