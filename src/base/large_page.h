// Memory in pages of two megabytes, for what is read all over: small pages miss in the processor's table of pages.
#pragma once

#include <cstddef>

namespace packwalk {

inline constexpr std::size_t large_page_bytes = 2UL * 1024 * 1024;

/// `large_page_bytes` of memory, to be given to std::free. Throws std::bad_alloc.
void* allocate_large_page();

}  // namespace packwalk
