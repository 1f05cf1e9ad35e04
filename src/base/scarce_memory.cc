#include "base/scarce_memory.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace packwalk {
namespace {

std::atomic<std::size_t> refused_from = SIZE_MAX;

}  // namespace

void refuse_allocations_from(std::size_t size) { refused_from = size; }

}  // namespace packwalk

void* operator new(std::size_t size) {
  if (size >= packwalk::refused_from) throw std::bad_alloc();
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
