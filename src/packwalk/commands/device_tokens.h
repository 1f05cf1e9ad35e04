// Where a replay or a live simulation sends to, and the tokens of its devices.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "collars/collar_client.h"
#include "collars/upload_sink.h"
#include "packwalk/installation/data_directory.h"
#include "packwalk/installation/installation_options.h"

namespace packwalk {

/// As the command line tells it, and it alone: PACKWALK_DATA names an installation to work on, not one to fill with
/// devices that were made up. The installation is that of a `serve` on this machine; its folder is
/// empty where none is named.
struct SendTarget {
  std::string url;
  InstallationOptions installation{.data = "", .config = {}};
  std::string tokens;       // a file of lines `id,token`
  std::string admin_token;  // a file
};

/// What of it makes no sense, as far as that is seen without looking anywhere.
Result<void> checked(const SendTarget& target);

/// `url`, or what stands in `listen` of the folder.
Result<ServerAddress> address_of(const SendTarget& target);

/// From the file `admin_token`, or from the folder; nothing when neither is given.
Result<std::optional<std::string>> admin_token_of(const SendTarget& target);

/// A token for each of `devices`. Those of the file `tokens` come first. With an installation, those that are in its
/// file `replay.tokens` (mode 0600) follow, and a device that does not exist is made and its token kept there. No token
/// is ever rotated: Errc::not_found names the devices whose tokens nobody knows.
Result<DeviceTokens> tokens_for(const std::vector<DeviceId>& devices, const SendTarget& target);

/// A sink that sends to `target` with the tokens of `devices`.
Result<std::unique_ptr<UploadSink>> open_live_sink(const SendTarget& target, const std::vector<std::string>& devices);

/// Takes a device out of `replay.tokens` of the data folder, if it stands there.
Result<void> forget_made_token(const DataDirectory& directory, const DeviceId& device);

}  // namespace packwalk
