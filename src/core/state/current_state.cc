#include "core/state/current_state.h"

#include <algorithm>
#include <tuple>

namespace packwalk {
namespace {

bool is_newer(const StatusReading& a, const StatusReading& b) {
  return std::tuple(a.timestamp, a.family == Family::track) > std::tuple(b.timestamp, b.family == Family::track);
}

void take_status(CurrentState& state, const StatusReading& reading) {
  if (!state.status || is_newer(reading, *state.status)) state.status = reading;
}

void accept(CurrentState& state, const Message& message) {
  if (const auto* track = std::get_if<TrackPacket>(message.content)) {
    ++state.counts.fixes;
    take_status(state, {track->status, track->timestamp, Family::track});
    if (!state.last_fix || track->timestamp > state.last_fix->timestamp) {
      state.last_fix = fix_from(*track, message.received_at);
    }
  } else if (const auto* activity = std::get_if<ActivityPacket>(message.content)) {
    ++state.counts.samples;
    take_status(state, {activity->status, activity->timestamp, Family::activity});
  }
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
  const bool heard = verdict != Verdict::invalid || std::holds_alternative<Notice>(*message.content);
  if (heard) state.last_seen = std::max(state.last_seen.value_or(message.received_at), message.received_at);
}

StaleWindow stale_window_of(const PacketKey& key) {
  using Windows = std::chrono::duration<std::int64_t, std::ratio<stale_window_length.count()>>;
  return {key.device, std::chrono::floor<Windows>(key.timestamp)};
}

}  // namespace packwalk
