// Finds out which rows an INSERT has added, from their keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <variant>
#include <vector>

#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// SQL does not define the order of RETURNING: usually it is that of the rows, but not if the table is spread over
/// several servers. So this searches for each key, and tries the next row first. Keys are unique whole numbers.
class AddedRows {
 public:
  /// `cells` stand row by row, `width` to a row, the first `key_size` of them its key; they must outlive this.
  AddedRows(std::span<const Value> cells, std::size_t width, std::size_t key_size)
      : cells_(cells), width_(width), key_size_(key_size), added_(cells.size() / width) {}

  /// Columns of the key. Says whether there is such a row.
  bool take(const Row& key) {
    if (next_ >= added_.size() || compare(next_, key) != 0) {
      if (by_key_.empty()) sort();
      const auto found =
          std::partition_point(by_key_.begin(), by_key_.end(), [&](std::size_t row) { return compare(row, key) < 0; });
      if (found == by_key_.end() || compare(*found, key) != 0) return false;
      next_ = *found;
    }
    added_[next_++] = true;
    return true;
  }

  std::vector<bool> added() && { return std::move(added_); }

 private:
  std::int64_t cell(std::size_t row, std::size_t column) const {
    return std::get<std::int64_t>(cells_[row * width_ + column]);
  }

  int compare(std::size_t row, const Row& key) const {
    for (std::size_t i = 0; i < key_size_; ++i) {
      const std::int64_t ours = cell(row, i);
      const std::int64_t told = key.integer(static_cast<int>(i));
      if (ours != told) return ours < told ? -1 : 1;
    }
    return 0;
  }

  /// The rows are sorted already, as a rule.
  void sort() {
    by_key_.resize(added_.size());
    std::iota(by_key_.begin(), by_key_.end(), std::size_t{0});
    const auto before = [&](std::size_t a, std::size_t b) {
      for (std::size_t i = 0; i < key_size_; ++i) {
        if (cell(a, i) != cell(b, i)) return cell(a, i) < cell(b, i);
      }
      return false;
    };
    if (!std::is_sorted(by_key_.begin(), by_key_.end(), before)) std::sort(by_key_.begin(), by_key_.end(), before);
  }

  const std::span<const Value> cells_;
  const std::size_t width_;
  const std::size_t key_size_;
  std::vector<bool> added_;
  std::size_t next_ = 0;             // the row behind the one that was told last
  std::vector<std::size_t> by_key_;  // rows, once one was told out of order
};

}  // namespace packwalk::sql
