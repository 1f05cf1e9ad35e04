// Tracks of a device. Each may block.
#pragma once

#include "api/question.h"

namespace packwalk {

Response tracks(const QueryParts& parts, const Request& request);
Response track(const QueryParts& parts, const Request& request);

}  // namespace packwalk
