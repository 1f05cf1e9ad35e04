// The sink of `packwalk simulate --live`: a server, over HTTP.
#pragma once

#include <memory>

#include "collars/collar_client.h"
#include "collars/upload_sink.h"

namespace packwalk {

/// Sends to `address`, with the tokens of all its devices. Each device has at most one request under way; its next
/// packets wait. Errc::overloaded: too many packets wait in all.
std::unique_ptr<UploadSink> make_live_sink(const ServerAddress& address, DeviceTokens tokens);

}  // namespace packwalk
