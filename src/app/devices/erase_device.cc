#include "app/devices/erase_device.h"

#include <algorithm>
#include <limits>
#include <set>
#include <thread>
#include <utility>

namespace packwalk {
namespace {

constexpr std::size_t rows_a_transaction = 2000;
constexpr std::size_t messages_a_page = 1000;
constexpr auto last_ordinal = std::numeric_limits<std::uint32_t>::max();
constexpr DayRange all_days{Day(std::chrono::days(0)), Day(std::chrono::days(100'000))};  // until 2243

/// The cursor before all messages of a day.
MessageCursor cursor_before(Day day) {
  return {std::chrono::time_point_cast<std::chrono::microseconds>(day) - std::chrono::microseconds(1), last_ordinal};
}

/// Calls `take` with every message of one day, read by pages from `read`.
template <class Read, class Take>
Result<void> each_of_day(Day day, Read read, Take take) {
  for (MessageCursor after = cursor_before(day);;) {
    const auto page = read(after);
    if (!page) return page.failure();
    if (page->empty()) return {};
    for (const StoredMessage& message : *page) {
      if (day_of(message.received_at) > day) return {};
      take(message);
      after = {message.received_at, message.ordinal};
    }
  }
}

/// The device's messages of a day that are in the archive but not in the store. Both may have some.
Result<DayDigest> digest_of_difference(Day day, DeviceNumber device, DeviceSnapshot& store, Archive& archive) {
  std::set<MessageCursor> here;
  auto read = each_of_day(
      day, [&](const MessageCursor& after) { return store.messages(after, messages_a_page); },
      [&](const StoredMessage& message) {
        here.insert({message.received_at, message.ordinal});
      });
  DayDigest digest{day};
  if (read) {
    read = each_of_day(
        day, [&](const MessageCursor& after) { return archive.messages(device, std::nullopt, after, messages_a_page); },
        [&](const StoredMessage& message) {
          if (here.contains({message.received_at, message.ordinal})) return;
          ++digest.messages;
          digest.hash ^= digest_hash(device, message);
        });
  }
  if (!read) return read.failure();
  return digest;
}

/// The device's messages that the store has dropped: on the days of `dropped`, the archive has them and the store does
/// not. Of these days, the store has only messages that arrived before and were committed after the drop.
Result<std::vector<DayDigest>> dropped_of(DeviceNumber device, std::span<const DayDigest> dropped,
                                          const ErasureSides& sides) {
  std::vector<DayDigest> found;
  if (dropped.empty()) return found;
  const auto archived =
      sides.archive->digests({dropped.front().day, dropped.back().day + std::chrono::days(1)}, device);
  if (!archived) return archived.failure();
  const auto snapshot = sides.store->snapshot(device);
  if (!snapshot) return snapshot.failure();
  for (const DayDigest& each : *archived) {
    const bool is_dropped =
        std::any_of(dropped.begin(), dropped.end(), [&](const DayDigest& day) { return day.day == each.day; });
    if (!is_dropped) continue;
    const auto next = (*snapshot)->messages(cursor_before(each.day), 1);
    if (!next) return next.failure();
    if (next->empty() || day_of(next->front().received_at) > each.day) {
      found.push_back(each);
      continue;
    }
    const auto difference = digest_of_difference(each.day, device, **snapshot, *sides.archive);
    if (!difference) return difference.failure();
    if (difference->messages > 0) found.push_back(*difference);
  }
  return found;
}

/// Before anything is erased, so that the expected content of the archive without the device can be computed.
Result<void> note_what_was_dropped(DeviceNumber device, const ErasureSides& sides) {
  if (auto ended = sides.source->wait_for_copies(); !ended) return ended;
  // Attaches a partition again that an interrupted drop had detached.
  if (auto back = sides.source->days(); !back) return back.failure();
  const auto days = sides.source->dropped(all_days);
  if (!days) return days.failure();
  const auto digests = dropped_of(device, *days, sides);
  if (!digests) return digests.failure();
  return sides.source->take_off_dropped(device, *digests);
}

/// Pauses as long as each step took: a database may allow one writer at a time, and writers need not queue in order.
Result<void> erase_rows(DeviceNumber device, DeviceEraser& eraser, const std::function<void(std::int64_t)>& progress) {
  std::int64_t erased = 0;
  while (true) {
    const auto started = std::chrono::steady_clock::now();
    const auto some = eraser.erase_some(device, rows_a_transaction);
    if (!some) return some.failure();
    if (*some == 0) return {};
    progress(erased += *some);
    std::this_thread::sleep_for(std::chrono::steady_clock::now() - started);
  }
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
  if (sides.archive) {
    const auto archived = sides.archive->count(device);
    if (!archived) return archived.failure();
    counts->push_back({"archive", *archived});
  }
  return counts;
}

Result<std::vector<RowCount>> erase_device(DeviceNumber device, ServerTime now, const ErasureSides& sides,
                                           const std::function<void(std::int64_t)>& progress) {
  if (auto begun = sides.eraser.begin(device, now); !begun) return begun.failure();
  if (sides.archive) {
    if (auto noted = note_what_was_dropped(device, sides); !noted) return noted.failure();
  }
  if (auto erased = erase_rows(device, sides.eraser, progress); !erased) return erased.failure();
  if (sides.archive) {
    // A copier that read messages before they were erased has written them to the archive.
    if (auto ended = sides.source->wait_for_copies(); !ended) return ended.failure();
    if (auto gone = sides.archive->erase(device); !gone) return gone.failure();
  }
  // From the first step on, ingest refuses the device's waiting messages, so they are no longer needed.
  if (sides.queue) {
    if (auto gone = sides.queue(device); !gone) return gone.failure();
  }
  auto left = count_rows(device, sides);
  if (!left || sum_of(*left) > 0) return left;
  if (auto ended = sides.eraser.end(device, now); !ended) return ended.failure();
  return left;
}

}  // namespace packwalk
