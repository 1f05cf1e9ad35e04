// Tells a store, with each claim, whether its key is likely taken.
#pragma once

#include <memory>

#include "ports/ingest_store.h"
#include "ports/seen_keys.h"

namespace packwalk {

/// `store` behind the guesses of `seen`, which learns what was committed. Wrong guesses change speed and nothing else.
std::unique_ptr<IngestStore> make_hinted_ingest_store(std::unique_ptr<IngestStore> store,
                                                      std::unique_ptr<SeenKeys> seen);

}  // namespace packwalk
