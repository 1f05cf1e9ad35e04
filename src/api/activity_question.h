// What a device did by day, week or month.
#pragma once

#include "api/question.h"

namespace packwalk {

/// May block.
Response activity(const QueryParts& parts, const Request& request);

}  // namespace packwalk
