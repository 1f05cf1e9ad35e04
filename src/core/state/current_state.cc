#include "core/state/current_state.h"

#include <algorithm>
#include <tuple>

namespace packwalk {
namespace {

/// At equal times the family of the lesser number wins, a track packet before all.
bool is_newer(const StatusReading& a, const StatusReading& b) {
  return std::tuple(a.timestamp, b.family) > std::tuple(b.timestamp, a.family);
}

void take_status(CurrentState& state, const StatusReading& reading) {
  if (!state.status || is_newer(reading, *state.status)) state.status = reading;
}

void take(CurrentState& state, const TrackPacket& track, ServerTime received_at) {
  ++state.counts.fixes;
  if (!state.last_fix || track.timestamp > state.last_fix->timestamp) state.last_fix = fix_from(track, received_at);
}

void take(CurrentState& state, const ActivityPacket&, ServerTime) { ++state.counts.samples; }

struct ToldStatus {
  StatusReading reading;
  ServerTime received_at;
};

void accept(CurrentState& state, const Message& message) {
  std::visit(
      [&]<class Part>(const Part& part) {
        if constexpr (AnyPacket<Part>) {
          take(state, part, message.received_at);
          take_status(state, {part.status, part.timestamp, Part::family});
        }
      },
      *message.content);
}

}  // namespace

void step(CurrentState& state, const Message& message, Verdict verdict) {
  switch (verdict) {
    case Verdict::accepted:
      accept(state, message);
      break;
    case Verdict::duplicate:
      ++state.counts.duplicates;
      break;
    case Verdict::conflict:
      ++state.counts.conflicts;
      break;
    case Verdict::invalid:
      ++state.counts.invalid;
      break;
  }
  const bool heard = verdict != Verdict::invalid || std::holds_alternative<Heartbeat>(*message.content);
  if (heard) state.last_seen = std::max(state.last_seen.value_or(message.received_at), message.received_at);
}

std::vector<StatusChange> status_changes(const CurrentState& before, std::span<const Message> accepted) {
  std::vector<ToldStatus> told;
  for (const Message& message : accepted) {
    std::visit(
        [&]<class Part>(const Part& part) {
          if constexpr (AnyPacket<Part>) {
            const StatusReading reading{part.status, part.timestamp, Part::family};
            if (!before.status || is_newer(reading, *before.status)) told.push_back({reading, message.received_at});
          }
        },
        *message.content);
  }
  std::sort(told.begin(), told.end(),
            [](const ToldStatus& a, const ToldStatus& b) { return is_newer(b.reading, a.reading); });
  std::vector<StatusChange> changes;
  std::optional<StatusReading> known = before.status;
  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto& [reading, received_at] = told[i];
    if (i + 1 < told.size() && told[i + 1].reading.timestamp == reading.timestamp) continue;
    if (known && known->status != reading.status) {
      changes.push_back({before.device, reading.timestamp, known->status, reading.status, received_at});
    }
    known = reading;
  }
  return changes;
}

StaleWindow stale_window_of(const PacketKey& key) {
  using Windows = std::chrono::duration<std::int64_t, std::ratio<stale_window_length.count()>>;
  return {key.device, std::chrono::floor<Windows>(key.timestamp)};
}

}  // namespace packwalk
