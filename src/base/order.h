// What asserts say about the order of a list.
#pragma once

#include <algorithm>
#include <functional>

namespace packwalk {

/// Whether each key of the list is greater than the one before: it is sorted, and no key is there twice. O(n).
template <class List, class KeyOf = std::identity>
bool is_strictly_increasing(const List& list, KeyOf key_of = {}) {
  const auto is_not_less = [&](const auto& a, const auto& b) { return !(key_of(a) < key_of(b)); };
  return std::adjacent_find(list.begin(), list.end(), is_not_less) == list.end();
}

}  // namespace packwalk
