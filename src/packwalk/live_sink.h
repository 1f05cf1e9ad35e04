// The sink of `packwalk simulate --live`: a server, over HTTP.
#pragma once

#include <memory>

#include "packwalk/device_tokens.h"
#include "packwalk/upload_sink.h"

namespace packwalk {

/// Sends to `target` with the tokens of `devices`. A device has one request under way at most; what it sends meanwhile
/// waits its turn. Errc::overloaded while too much waits in all.
Result<std::unique_ptr<UploadSink>> open_live_sink(const SendTarget& target, const std::vector<std::string>& devices);

}  // namespace packwalk
