// Erases a device with all its messages and derived rows, from the store and the archive.
#pragma once

#include <functional>
#include <vector>

#include "ports/archive_source.h"
#include "ports/audit_store.h"
#include "ports/device_eraser.h"

namespace packwalk {

/// The parts of an installation with rows of a device. The three of the archive are all set or all empty.
struct ErasureSides {
  DeviceEraser& eraser;
  AuditStore* store = nullptr;
  ArchiveSource* source = nullptr;
  Archive* archive = nullptr;
  /// Erases it from a queue with files; empty if there is none.
  std::function<Result<void>(DeviceNumber)> queue = nullptr;
};

/// Erases all rows of `device`, and ends the erasure if none is left. Returns the number of remaining rows of each
/// table, including zeros. Calls `progress` with the rows that were erased from the store so far. Can be repeated after
/// an error or a crash.
Result<std::vector<RowCount>> erase_device(DeviceNumber device, ServerTime now, const ErasureSides& sides,
                                           const std::function<void(std::int64_t)>& progress);

/// The number of rows in the store and in the archive.
Result<std::vector<RowCount>> count_rows(DeviceNumber device, const ErasureSides& sides);

std::int64_t sum_of(const std::vector<RowCount>& counts);

}  // namespace packwalk
