#include "town/town_stream.h"

#include <algorithm>
#include <tuple>

namespace packwalk::town {
namespace {

constexpr std::chrono::seconds stride(60);

}  // namespace

TownStream::TownStream(const Town& town)
    : town_(town), day_(town.day_of(town.options().start)), plan_(plan_day(town, day_)), now_(town.options().start) {
  devices_.reserve(town.dogs());
  for (DogIndex i = 0; i < town.dogs(); ++i) devices_.push_back({Collar(town, i), Uplink(town, i)});
}

bool TownStream::next(TownMinutes& minutes) {
  minutes.made.clear();
  minutes.uploads.clear();
  if (now_ < town_.end()) {
    if (town_.day_of(now_) != day_) {
      plan_ = {};
      plan_ = plan_day(town_, ++day_);
    }
    now_ = std::min({now_ + stride, town_.end(), town_.begin_of(day_ + 1)});
    measure(now_, minutes);
  } else {
    std::optional<ServerTime> first;
    for (const Device& device : devices_) {
      const auto next = device.uplink.next();
      if (next && (!first || *next < *first)) first = next;
    }
    if (!first) return false;
    now_ = std::chrono::floor<std::chrono::seconds>(*first) + stride;
  }
  for (Device& device : devices_) device.uplink.send_until(now_, minutes.uploads);
  std::sort(minutes.uploads.begin(), minutes.uploads.end(), [](const Upload& x, const Upload& y) {
    return std::tie(x.send_time, x.dog) < std::tie(y.send_time, y.dog);
  });
  minutes.until = now_;
  return true;
}

void TownStream::measure(DeviceTime until, TownMinutes& minutes) {
  for (DogIndex i = 0; i < devices_.size(); ++i) {
    measured_.clear();
    devices_[i].collar.run(plan_, until, measured_);
    for (const Measured& one : measured_) {
      minutes.made.push_back({i, one.packet});
      devices_[i].uplink.take(one);
    }
  }
  std::stable_sort(minutes.made.begin(), minutes.made.end(), [](const MadePacket& x, const MadePacket& y) {
    return timestamp_of(x.packet) < timestamp_of(y.packet);
  });
}

}  // namespace packwalk::town
