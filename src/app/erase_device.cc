#include "app/erase_device.h"

#include <limits>
#include <set>
#include <utility>

namespace packwalk {
namespace {

constexpr std::size_t rows_a_transaction = 2000;
constexpr std::size_t messages_a_page = 1000;
constexpr auto last_ordinal = std::numeric_limits<std::uint32_t>::max();
constexpr DayRange all_days{Day(std::chrono::days(0)), Day(std::chrono::days(100'000))};  // until 2243

/// The place before all messages of a day.
MessagePlace place_before(Day day) {
  return {std::chrono::time_point_cast<std::chrono::microseconds>(day) - std::chrono::microseconds(1), last_ordinal};
}

/// Calls `take` with every message of one day, read by pages from `read`.
template <class Read, class Take>
Result<void> each_of_day(Day day, Read read, Take take) {
  for (MessagePlace after = place_before(day);;) {
    const auto page = read(after);
    if (!page) return tl::unexpected(page.error());
    if (page->empty()) return {};
    for (const StoredMessage& message : *page) {
      if (day_of(message.received_at) > day) return {};
      take(message);
      after = {message.received_at, message.ordinal};
    }
  }
}

/// What of the device was dropped from the store on one day: what the archive has and the store has not.
Result<DayDigest> dropped_on(Day day, DeviceNumber device, const ErasureSides& sides) {
  std::set<MessagePlace> here;
  {
    const auto picture = sides.store->picture(device);
    if (!picture) return tl::unexpected(picture.error());
    const auto read = each_of_day(
        day, [&](const MessagePlace& after) { return (*picture)->messages(after, messages_a_page); },
        [&](const StoredMessage& message) {
          here.insert({message.received_at, message.ordinal});
        });
    if (!read) return tl::unexpected(read.error());
  }
  DayDigest digest{day};
  const auto read = each_of_day(
      day,
      [&](const MessagePlace& after) { return sides.archive->messages(device, std::nullopt, after, messages_a_page); },
      [&](const StoredMessage& message) {
        if (here.contains({message.received_at, message.ordinal})) return;
        ++digest.messages;
        digest.hash ^= digest_hash(device, message);
      });
  if (!read) return tl::unexpected(read.error());
  return digest;
}

/// While all is still there, so that what the archive must have without the device can be told from what it has.
Result<void> note_what_was_dropped(DeviceNumber device, const ErasureSides& sides) {
  if (auto ended = sides.source->wait_for_copies(); !ended) return ended;
  // One that was put aside by a drop that was interrupted comes back.
  if (auto back = sides.source->days(); !back) return tl::unexpected(std::move(back.error()));
  const auto days = sides.source->dropped(all_days);
  if (!days) return tl::unexpected(days.error());
  std::vector<DayDigest> digests;
  for (const DayDigest& each : *days) {
    const auto digest = dropped_on(each.day, device, sides);
    if (!digest) return tl::unexpected(digest.error());
    if (digest->messages > 0) digests.push_back(*digest);
  }
  return sides.source->take_off_dropped(device, digests);
}

}  // namespace

std::int64_t sum_of(const std::vector<RowCount>& counts) {
  std::int64_t sum = 0;
  for (const RowCount& each : counts) sum += each.rows;
  return sum;
}

Result<std::vector<RowCount>> count_rows(DeviceNumber device, const ErasureSides& sides) {
  auto counts = sides.eraser.count(device);
  if (!counts) return counts;
  const auto aside = sides.eraser.count_put_aside(device);
  if (!aside) return tl::unexpected(aside.error());
  for (const RowCount& each : *aside) counts->push_back({each.place + " (put aside)", each.rows});
  if (sides.archive) {
    const auto archived = sides.archive->count(device);
    if (!archived) return tl::unexpected(archived.error());
    counts->push_back({"archive", *archived});
  }
  return counts;
}

Result<std::vector<RowCount>> erase_device(DeviceNumber device, ServerTime now, const ErasureSides& sides,
                                           const std::function<void(std::int64_t)>& progress) {
  if (auto begun = sides.eraser.begin(device, now); !begun) return tl::unexpected(std::move(begun.error()));
  if (sides.archive) {
    if (auto noted = note_what_was_dropped(device, sides); !noted) return tl::unexpected(std::move(noted.error()));
  }
  std::int64_t erased = 0;
  for (bool more = true; more;) {
    const auto some = sides.eraser.erase_some(device, rows_a_transaction);
    if (!some) return tl::unexpected(some.error());
    more = *some > 0;
    progress(erased += *some);
  }
  if (sides.archive) {
    // Who read messages before they were erased here has brought them there.
    if (auto ended = sides.source->wait_for_copies(); !ended) return tl::unexpected(std::move(ended.error()));
    if (auto gone = sides.archive->erase(device); !gone) return tl::unexpected(std::move(gone.error()));
  }
  auto left = count_rows(device, sides);
  if (!left || sum_of(*left) > 0) return left;
  if (auto ended = sides.eraser.end(device, now); !ended) return tl::unexpected(std::move(ended.error()));
  return left;
}

}  // namespace packwalk
