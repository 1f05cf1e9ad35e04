// For tests, which list scarce_memory.cc beside them: simulates a machine without memory, or without large blocks.
#pragma once

#include <cstddef>

namespace packwalk {

/// From now on, allocations of at least this size throw std::bad_alloc, in any thread. 0: all; SIZE_MAX: none.
void refuse_allocations_from(std::size_t size);

}  // namespace packwalk
