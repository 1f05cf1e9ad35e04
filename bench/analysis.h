// Tracks and joint walks, beside what PostGIS reaches.
#pragma once

#include "options.h"

namespace packwalk::bench {

int bench_analysis(const Options& options);

}  // namespace packwalk::bench
