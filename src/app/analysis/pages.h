// Reads things of a device in the order of time, page by page, in bounded memory.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "ports/analysis_store.h"

namespace packwalk {

/// Some things, which are all up to the second `until`.
template <class Thing>
struct Page {
  std::vector<Thing> things;
  Second until = 0;
  std::size_t left_out = 0;  // rows that were read but are not among the things
};

/// Begins with a list that was read already. An error ends it; see failure().
template <class Thing>
class Pages {
 public:
  /// Reads the beginning of a range. A page may have no things although the range continues.
  using Read = std::function<Result<Page<Thing>>(Seconds range, std::size_t limit)>;
  /// The first `limit` of a range.
  using ReadFirst = std::function<Result<std::vector<Thing>>(Seconds range, std::size_t limit)>;

  /// Things at `from` or later. `known` has all things of `of_known`; the pages begin with them if that range holds
  /// `from`.
  Pages(Read read, std::size_t page, Second from, std::span<const Thing> known, Seconds of_known)
      : read_(std::move(read)), page_(page), read_until_(from) {
    if (of_known.from > from || of_known.to < from) return;
    const auto before = [](const Thing& thing, Second at) { return second_of(thing) < at; };
    rest_ = {std::lower_bound(known.begin(), known.end(), from, before), known.end()};
    read_until_ = of_known.to + 1;
  }

  Pages(ReadFirst read, std::size_t page, Second from, std::span<const Thing> known, Seconds of_known)
      : Pages(
            Read([read = std::move(read)](Seconds range, std::size_t limit) { return first_page(read, range, limit); }),
            page, from, known, of_known) {}

  /// The next thing, valid until pop(). nullptr at the end, or if there is none up to `until` and perhaps some seconds
  /// later. Then it reads no more pages: many empty ones may follow.
  const Thing* peek(Second until = last_second) {
    while (rest_.empty() && !is_at_end_ && read_until_ <= until) read_next();
    return rest_.empty() ? nullptr : &rest_.front();
  }
  void pop() { rest_ = rest_.subspan(1); }

  /// Whether the next thing, if any, is later than `at`. Reads nothing.
  bool is_known_to_be_later_than(Second at) const {
    return rest_.empty() ? is_at_end_ || read_until_ > at : second_of(rest_.front()) > at;
  }

  /// A lower bound of the rows before the next thing that are not things: its own page does not count.
  std::size_t left_out() const { return left_out_; }

  const Result<void>& failure() const { return failure_; }

 private:
  static constexpr Second last_second = std::numeric_limits<std::int32_t>::max();
  static Second second_of(DeviceTime time) { return seconds_since_1970(time); }
  static Second second_of(const PathFix& fix) { return seconds_since_1970(fix.timestamp); }
  static Second second_of(const TrackState& state) { return seconds_since_1970(state.to); }

  static Result<Page<Thing>> first_page(const ReadFirst& read, Seconds range, std::size_t limit) {
    auto found = read(range, limit);
    if (!found) return found.failure();
    const Second until = found->size() < limit ? range.to : second_of(found->back());
    return Page<Thing>{.things = *std::move(found), .until = until};
  }

  void read_next() {
    auto found = read_({read_until_, last_second}, page_);
    if (!found) failure_ = found.failure();
    left_out_ += std::exchange(left_out_of_page_, found ? found->left_out : 0);
    page_of_read_ = found ? std::move(found->things) : std::vector<Thing>();
    rest_ = page_of_read_;
    is_at_end_ = !found || found->until >= last_second;
    if (!is_at_end_) read_until_ = found->until + 1;
  }

  Read read_;
  std::size_t page_;
  Second read_until_;  // everything before this was read
  bool is_at_end_ = false;
  std::span<const Thing> rest_;
  std::vector<Thing> page_of_read_;
  std::size_t left_out_ = 0;
  std::size_t left_out_of_page_ = 0;
  Result<void> failure_;
};

}  // namespace packwalk
