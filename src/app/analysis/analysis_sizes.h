// The limits of one turn of analysis.
#pragma once

#include <cstddef>

namespace packwalk {

struct AnalysisSizes {
  std::size_t windows_max = 96;        // windows per turn: those of one day, or of two days if every other one is stale
  std::size_t page = 4096;             // fixes per page, beside those around the windows
  std::size_t fixes_max = 100'000;     // fixes after which the next turn continues a longer track or chain
  std::size_t state_interval = 1024;   // greatest number of fixes between two stored states of a track
  std::size_t chain_seconds = 21'600;  // a chain that extends further from the change is long (ChainSweep)
};

}  // namespace packwalk
