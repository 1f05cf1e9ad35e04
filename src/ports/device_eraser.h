// Port: erases a device and all its data from the store. Contract: tests/contract/device_eraser_test.cc.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"

namespace packwalk {

/// The number of rows of a device in one part of an installation, such as a table.
struct RowCount {
  std::string part;
  std::int64_t rows = 0;

  friend bool operator==(const RowCount&, const RowCount&) = default;
};

/// Each call may be repeated, also after a crash. Calls block; one thread. Errc::unavailable: try again.
class DeviceEraser {
 public:
  virtual ~DeviceEraser() = default;

  /// Finds a device that exists, was removed, or whose erasure has not ended. Errc::not_found: there is none.
  virtual Result<DeviceNumber> find(const DeviceId& id) = 0;

  /// The sorted ids of devices whose erasure has not ended.
  virtual Result<std::vector<std::string>> unfinished() = 0;

  /// Invalidates its tokens. When this returns, no process adds data of it to the store: running transactions have
  /// ended, and later ones see the erasure. Errc::invalid_input: its originals were copied to an archive that the
  /// configuration does not name.
  virtual Result<void> begin(DeviceNumber device, ServerTime now) = 0;

  /// Deletes about `rows_max` of its rows, including rows that it shares with another device, in one transaction.
  /// Returns their approximate number; 0: there are no more. Continues where the previous call for the device ended.
  /// Rows of other devices stay.
  virtual Result<std::int64_t> erase_some(DeviceNumber device, std::size_t rows_max) = 0;

  /// The remaining rows of every part, including zeros. Detached tables, which are no longer part of the store, are
  /// listed if they still have rows of it: the operator owns them.
  virtual Result<std::vector<RowCount>> count(DeviceNumber device) = 0;

  /// Frees its id for a new device with a new number. Only its number remains.
  virtual Result<void> end(DeviceNumber device, ServerTime now) = 0;
};

}  // namespace packwalk
