// Whether events wait for their subscriber for too long.
#pragma once

#include <vector>

#include "base/finding.h"
#include "ports/outbox.h"

namespace packwalk {

/// Adds nothing if no event has waited for more than 5 minutes, or if the store does not answer.
std::vector<Finding> examine_notifications(Outbox& outbox, ServerTime now);

}  // namespace packwalk
