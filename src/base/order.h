// Checks of the order of a list, for asserts.
#pragma once

#include <algorithm>
#include <functional>

namespace packwalk {

/// Whether the keys of the list strictly increase: sorted, and no key twice. O(n).
template <class List, class KeyOf = std::identity>
bool is_strictly_increasing(const List& list, KeyOf key_of = {}) {
  const auto is_not_less = [&](const auto& a, const auto& b) { return !(key_of(a) < key_of(b)); };
  return std::adjacent_find(list.begin(), list.end(), is_not_less) == list.end();
}

}  // namespace packwalk
