// The server to which a replay or a live simulation sends, and the tokens of its devices.
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

/// The target, from the command line only: PACKWALK_DATA names an installation to work on, not one to fill with
/// invented devices. The installation is that of a `serve` on this machine; its folder is empty if the command line
/// names none.
struct SendTarget {
  std::string url;
  InstallationOptions installation{.data = "", .config = {}};
  std::string tokens;       // a file of lines `id,token`
  std::string admin_token;  // a file
};

/// Errors in the options that can be found without reading a file.
Result<void> checked(const SendTarget& target);

/// `url`, or the address in the file `listen` of the folder.
Result<ServerAddress> address_of(const SendTarget& target);

/// From the file `admin_token`, or from the folder. Nothing if neither is given.
Result<std::optional<std::string>> admin_token_of(const SendTarget& target);

/// A token for each of `devices`. Tokens in the file `tokens` take precedence. With an installation, tokens in its file
/// `replay.tokens` (mode 0600) follow; a missing device is created and its token added to that file. Tokens are never
/// rotated: Errc::not_found names the devices whose tokens are unknown.
Result<DeviceTokens> tokens_for(const std::vector<DeviceId>& devices, const SendTarget& target);

/// A sink that sends to `target` with the tokens of `devices`.
Result<std::unique_ptr<UploadSink>> open_live_sink(const SendTarget& target, const std::vector<std::string>& devices);

/// Removes a device from `replay.tokens` of the data folder, if it is listed.
Result<void> forget_made_token(const DataDirectory& directory, const DeviceId& device);

}  // namespace packwalk
