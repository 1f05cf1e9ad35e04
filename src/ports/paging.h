// How much of a list a page has, and from which of its ends.
#pragma once

#include <cstddef>
#include <cstdint>

namespace packwalk {

enum class TimeOrder : std::uint8_t { oldest_first, newest_first };

/// A plain limit is a page of what is oldest.
struct Paging {
  Paging(std::size_t most, TimeOrder by = TimeOrder::oldest_first) : limit(most), order(by) {}

  bool is_backwards() const { return order == TimeOrder::newest_first; }

  std::size_t limit;
  TimeOrder order;
};

}  // namespace packwalk
