// Adds a hint to each claim: whether its key probably exists.
#pragma once

#include <memory>

#include "ports/ingest_store.h"
#include "ports/seen_keys.h"

namespace packwalk {

/// Wraps `store` with the hints of `seen`, which learns the committed keys. A wrong hint changes only the speed.
std::unique_ptr<IngestStore> make_hinted_ingest_store(std::unique_ptr<IngestStore> store,
                                                      std::unique_ptr<SeenKeys> seen);

}  // namespace packwalk
