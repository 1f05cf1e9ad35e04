#include "http/idle_connections.h"

namespace packwalk {

void IdleConnections::add(IdleEntry& entry) {
  entries_.push_back(entry);
  note_longest();
}

void IdleConnections::remove(IdleEntry& entry) {
  if (!entry.is_linked()) return;
  entry.unlink();
  note_longest();
}

void IdleConnections::note_longest() {
  const std::int64_t since = entries_.empty() ? INT64_MAX : entries_.front().since.time_since_epoch().count();
  longest_since_.store(since, std::memory_order_relaxed);
}

AcceptedConnection* IdleConnections::of_fullest(std::chrono::steady_clock::time_point before,
                                                const ConnectionSeats& seats, std::optional<std::uint64_t> only) {
  constexpr int looked_at_max = 256;
  AcceptedConnection* found = nullptr;
  std::size_t most = 0;
  int looked_at = 0;
  for (const IdleEntry& entry : entries_) {
    if (entry.since > before || ++looked_at > looked_at_max) break;
    const std::uint64_t address = entry.address;
    const std::size_t count = seats.count_of(address);
    if (count <= most || (only && address != *only)) continue;
    most = count;
    found = &entry.connection;
  }
  return found;
}

}  // namespace packwalk
