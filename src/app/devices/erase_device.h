// Erases a device: all that it sent and all that was made of it, here and in the archive.
#pragma once

#include <functional>
#include <vector>

#include "ports/archive_source.h"
#include "ports/audit_store.h"
#include "ports/device_eraser.h"

namespace packwalk {

/// Where an installation has rows of a device. The archive's three are there together or not at all.
struct ErasureSides {
  DeviceEraser& eraser;
  AuditStore* store = nullptr;
  ArchiveSource* source = nullptr;
  Archive* archive = nullptr;
  /// Takes it out of a queue that keeps files; empty where there is none.
  std::function<Result<void>(DeviceNumber)> queue = nullptr;
};

/// Erases what there is of `device` and ends its erasure if nothing is left. Returns what there is of it afterwards in
/// every place, those with none too, and calls `progress` with the rows that were erased in the store so far. May be
/// asked again after an error or a crash.
Result<std::vector<RowCount>> erase_device(DeviceNumber device, ServerTime now, const ErasureSides& sides,
                                           const std::function<void(std::int64_t)>& progress);

/// How many rows there are, here and in the archive.
Result<std::vector<RowCount>> count_rows(DeviceNumber device, const ErasureSides& sides);

std::int64_t sum_of(const std::vector<RowCount>& counts);

}  // namespace packwalk
