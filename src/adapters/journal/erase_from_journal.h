// Takes an erased device out of the files of the journal.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adapters/journal/segment.h"
#include "base/ids.h"

namespace packwalk::journal {

/// Overwrites with zeros, and flushes, every upload of `device` in the folder, waiting, settled, dead or in a damaged
/// file, and what nobody can read there, as it may be of the device: damaged parts, and blocks after the last record.
/// All else stays as it is. Spare files go. Nobody else may write to the folder meanwhile.
Result<void> overwrite_device(const std::string& folder, DeviceNumber device);

/// Asks the server that has the journal to do that, and waits until it has. Errc::unavailable when it has not before
/// `patience` is over; then the wish stays, and is granted by whoever opens the journal next.
Result<void> ask_to_overwrite_device(const std::string& folder, DeviceNumber device, std::chrono::seconds patience);

/// The devices whose erasure somebody has asked for.
std::vector<DeviceNumber> devices_to_overwrite(const std::string& folder);
/// Tells whoever asked that it is done.
Result<void> tell_overwritten(const std::string& folder, DeviceNumber device);

}  // namespace packwalk::journal
