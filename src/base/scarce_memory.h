// For tests, which list scarce_memory.cc beside them: a machine that has no memory, or none for anything large.
#pragma once

#include <cstddef>

namespace packwalk {

/// From now on an allocation of that many bytes or more throws std::bad_alloc, in any thread. 0: each does; SIZE_MAX:
/// none does.
void refuse_allocations_from(std::size_t size);

}  // namespace packwalk
