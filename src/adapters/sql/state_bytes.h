// The states of folds, as a database keeps them: words of 8 bytes, little-endian, the first one the number of the form.
#pragma once

#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/track/track_fold.h"
#include "core/walk/chain_fold.h"

namespace packwalk::sql {

static_assert(std::endian::native == std::endian::little);

/// Empty for a state of another form or an impossible one: then the fold starts from the beginning.
inline constexpr std::int64_t state_form = 1;

template <class Visit, class State>
void each_word_of_odometer(Visit& visit, State& odometer) {
  visit(odometer.anchor.x, odometer.anchor.y, odometer.anchor.z, odometer.anchor_accuracy_m, odometer.anchored_at,
        odometer.is_started, odometer.length_m, odometer.moving);
}

template <class Visit, class State>
void each_word_of_companion(Visit& visit, State& device) {
  visit(device.start.x, device.start.y, device.start.z, device.end.x, device.end.y, device.end.z, device.away);
  each_word_of_odometer(visit, device.odometer);
}

template <class Visit, class State>
void each_word(Visit& visit, State& state) {
  if constexpr (std::is_same_v<std::remove_const_t<State>, TrackState>) {
    visit(state.from, state.to, state.fixes);
    each_word_of_odometer(visit, state.odometer);
    visit(state.south, state.north, state.west, state.east, state.last_longitude, state.turns);
  } else {
    visit(state.from, state.to, state.last.from, state.last.to, state.last.near_seconds, state.contacts,
          state.seconds_before, state.near_seconds, state.min_distance_m, state.sum_m);
    each_word_of_companion(visit, state.a);
    each_word_of_companion(visit, state.b);
  }
}

class WordWriter {
 public:
  template <class... Words>
  void operator()(const Words&... words) {
    (put(words), ...);
  }
  std::string take() { return std::move(bytes_); }

 private:
  void put(double word) { put(std::bit_cast<std::int64_t>(word)); }
  void put(bool word) { put(std::int64_t{word ? 1 : 0}); }
  void put(DeviceTime word) { put(seconds_since_1970(word)); }
  void put(std::chrono::seconds word) { put(static_cast<std::int64_t>(word.count())); }
  void put(std::int64_t word) {
    std::array<char, sizeof word> bytes{};
    std::memcpy(bytes.data(), &word, sizeof word);
    bytes_.append(bytes.data(), bytes.size());
  }
  std::string bytes_;
};

class WordReader {
 public:
  explicit WordReader(std::string_view bytes) : bytes_(bytes) {}
  template <class... Words>
  void operator()(Words&... words) {
    (get(words), ...);
  }
  bool read_all() const { return fits_ && bytes_.empty(); }

 private:
  void get(double& word) { word = std::bit_cast<double>(next()); }
  void get(bool& word) { word = next() != 0; }
  void get(DeviceTime& word) { word = device_time(next()); }
  void get(std::chrono::seconds& word) { word = std::chrono::seconds(next()); }
  void get(std::int64_t& word) { word = next(); }
  std::int64_t next() {
    std::int64_t word = 0;
    fits_ = fits_ && bytes_.size() >= sizeof word;
    if (!fits_) return 0;
    std::memcpy(&word, bytes_.data(), sizeof word);
    bytes_.remove_prefix(sizeof word);
    return word;
  }
  std::string_view bytes_;
  bool fits_ = true;
};

template <class State>
std::string bytes_of(const State& state) {
  WordWriter writer;
  writer(state_form);
  each_word(writer, state);
  return writer.take();
}

template <class State>
std::optional<State> state_from(std::string_view bytes) {
  WordReader reader(bytes);
  std::int64_t form = 0;
  State state;
  reader(form);
  each_word(reader, state);
  if (form != state_form || !reader.read_all() || state.from > state.to) return std::nullopt;
  if constexpr (std::is_same_v<State, TrackState>) {
    if (state.fixes < 1) return std::nullopt;
  }
  return state;
}

}  // namespace packwalk::sql
