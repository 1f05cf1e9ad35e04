// The sink of `packwalk simulate --live`: a server, over HTTP.
#pragma once

#include <memory>

#include "collars/collar_client.h"
#include "collars/upload_sink.h"

namespace packwalk {

/// Sends to `address`, with the tokens of all devices that it will be given. A device has one request under way at
/// most; what it sends meanwhile waits its turn. Errc::overloaded while too much waits in all.
std::unique_ptr<UploadSink> make_live_sink(const ServerAddress& address, DeviceTokens tokens);

}  // namespace packwalk
