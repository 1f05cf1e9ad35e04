// Erases a device from the files of the journal.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/journal/segment.h"
#include "base/ids.h"

namespace packwalk::journal {

/// Overwrites every upload of `device` in the folder with zeros, and flushes: waiting, settled, dead, and in damaged
/// files. Also overwrites unreadable parts, which may belong to the device: damaged parts, and blocks after the last
/// record. Deletes spare files. No other process may write to the folder meanwhile.
Result<void> overwrite_device(const std::string& folder, DeviceNumber device);

/// Requests the erasure from the server that has the journal open, and waits for it. Errc::unavailable: the server has
/// not done it within `patience`. Then the request stays, and the next process that opens the journal fulfils it.
Result<void> ask_to_overwrite_device(const std::string& folder, DeviceNumber device, std::chrono::seconds patience);

/// The devices whose erasure is requested.
std::vector<DeviceNumber> devices_to_overwrite(const std::string& folder);
/// Confirms a requested erasure.
Result<void> tell_overwritten(const std::string& folder, DeviceNumber device);

}  // namespace packwalk::journal
