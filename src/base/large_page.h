// Memory in pages of two megabytes, for random access: small pages cause TLB misses.
#pragma once

#include <cstddef>

namespace packwalk {

inline constexpr std::size_t large_page_bytes = 2UL * 1024 * 1024;

/// Allocates `large_page_bytes`, to be released with std::free. Throws std::bad_alloc.
void* allocate_large_page();

}  // namespace packwalk
