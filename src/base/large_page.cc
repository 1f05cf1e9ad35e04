#include "base/large_page.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace packwalk {

void* allocate_large_page() {
  void* memory = std::aligned_alloc(large_page_bytes, large_page_bytes);
  if (!memory) throw std::bad_alloc();
  ::madvise(memory, large_page_bytes, MADV_HUGEPAGE);  // if the system refuses, small pages are used
  return memory;
}

}  // namespace packwalk
