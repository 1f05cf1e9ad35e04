// How drivers write the lists of a statement.
#pragma once

#include <cstddef>
#include <string>

namespace packwalk::sql {

/// write(from), write(from + 1), .. up to `until`, excluded, with `between` between them.
template <class Write>
std::string listed(std::size_t from, std::size_t until, const char* between, Write write) {
  std::string text;
  for (std::size_t i = from; i < until; ++i) text.append(i == from ? "" : between).append(write(i));
  return text;
}

}  // namespace packwalk::sql
