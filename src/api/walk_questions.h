// With whom a device walks. Each may block.
#pragma once

#include "api/question.h"

namespace packwalk {

Response joint_walks(const QueryParts& parts, const Request& request);
Response pack_walks(const QueryParts& parts, const Request& request);
Response companions(const QueryParts& parts, const Request& request);

}  // namespace packwalk
