// How much analysis takes at once.
#pragma once

#include <cstddef>

namespace packwalk {

struct AnalysisSizes {
  std::size_t windows_max = 96;        // in one turn: those of a day, or of two where every other one is stale
  std::size_t page = 4096;             // fixes that are read at once, beside those about the windows
  std::size_t fixes_max = 100'000;     // after so many a longer track or chain is gone on with in another turn
  std::size_t state_interval = 1024;   // fixes of a track from one state that is kept to the next, at most
  std::size_t chain_seconds = 21'600;  // a chain that goes on farther from what changed is a long one (ChainSweep)
};

}  // namespace packwalk
