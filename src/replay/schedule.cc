#include "replay/schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <tuple>
#include <utility>

namespace packwalk::replay {
namespace {

constexpr double clock_fault_seconds = 3600;
constexpr double duplicate_seconds_max = 600;
constexpr std::size_t stretch_rows = 20;

/// The distributions of <random> differ between libraries; its engines do not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  double uniform(double high) { return static_cast<double>(engine_() >> 11) * 0x1p-53 * high; }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }

 private:
  std::mt19937_64 engine_;
};

std::size_t share_of(double share, std::size_t count) {
  return std::min(count, static_cast<std::size_t>(std::llround(share * static_cast<double>(count))));
}

template <class Thing>
void shuffle(std::vector<Thing>& things, Dice& dice) {
  for (std::size_t left = things.size(); left > 1; --left) std::swap(things[left - 1], things[dice.below(left)]);
}

using RowsOfDevice = std::vector<std::vector<std::size_t>>;

RowsOfDevice rows_by_device(std::span<const Row> rows) {
  RowsOfDevice by_device;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].device >= by_device.size()) by_device.resize(rows[i].device + 1);
    by_device[rows[i].device].push_back(i);
  }
  return by_device;
}

/// When each row would go if nothing were late.
std::vector<double> times_of(std::span<const Row> rows, const RowsOfDevice& by_device) {
  std::vector<double> times(rows.size());
  for (const auto& own : by_device) {
    double latest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < own.size(); ++i) {
      const double time = rows[own[i]].packet.seconds;
      const bool fault = i + 1 < own.size() && time > rows[own[i + 1]].packet.seconds + clock_fault_seconds;
      const double believed = fault ? rows[own[i + 1]].packet.seconds : time;
      latest = std::max(latest, believed);
      times[own[i]] = latest;
    }
  }
  return times;
}

struct Stretch {
  std::size_t device;
  std::size_t first;  // in the rows of the device
  std::size_t size;
};

/// `count` rows in stretches of neighbours of one device.
std::vector<Stretch> held_stretches(const RowsOfDevice& by_device, std::size_t count, Dice& dice) {
  std::vector<Stretch> all;
  for (std::size_t device = 0; device < by_device.size(); ++device) {
    for (std::size_t first = 0; first < by_device[device].size(); first += stretch_rows) {
      all.push_back({device, first, std::min(stretch_rows, by_device[device].size() - first)});
    }
  }
  shuffle(all, dice);
  std::vector<Stretch> held;
  for (Stretch& stretch : all) {
    if (count == 0) break;
    stretch.size = std::min(stretch.size, count);
    count -= stretch.size;
    held.push_back(stretch);
  }
  return held;
}

/// Each held row goes once its stretch is over and `hold_back_seconds` have passed; no later than `end`.
void hold_back(const RowsOfDevice& by_device, const ScheduleOptions& options, const std::vector<Stretch>& held,
               double end, std::vector<double>& times) {
  for (const Stretch& stretch : held) {
    const auto& own = by_device[stretch.device];
    const double over = times[own[stretch.first + stretch.size - 1]];
    for (std::size_t i = stretch.first; i < stretch.first + stretch.size; ++i) {
      times[own[i]] = std::max(times[own[i]], std::min(over + options.hold_back_seconds, end));
    }
  }
}

}  // namespace

std::vector<Send> schedule(std::span<const Row> rows, const ScheduleOptions& options) {
  Dice dice(options.seed);
  const RowsOfDevice by_device = rows_by_device(rows);
  std::vector<double> times = times_of(rows, by_device);
  const auto held = held_stretches(by_device, share_of(options.hold_back_share, rows.size()), dice);
  std::vector<bool> is_held(rows.size());
  for (const Stretch& stretch : held) {
    for (std::size_t i = 0; i < stretch.size; ++i) is_held[by_device[stretch.device][stretch.first + i]] = true;
  }
  for (double& time : times) time += dice.uniform(options.shuffle_seconds);
  const double end = times.empty() ? 0 : *std::max_element(times.begin(), times.end());
  hold_back(by_device, options, held, end, times);

  std::vector<Send> sends;
  sends.reserve(rows.size() + share_of(options.duplicate_share, rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) sends.push_back({times[i], i, false});
  std::vector<std::size_t> again(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) again[i] = i;
  shuffle(again, dice);
  again.resize(share_of(options.duplicate_share, rows.size()));
  for (const std::size_t row : again) sends.push_back({times[row] + dice.uniform(duplicate_seconds_max), row, true});
  std::sort(sends.begin(), sends.end(), [&](const Send& a, const Send& b) {
    return std::tuple(a.at, bool(is_held[a.row]), a.repeat, a.row) <
           std::tuple(b.at, bool(is_held[b.row]), b.repeat, b.row);
  });
  return sends;
}

}  // namespace packwalk::replay
