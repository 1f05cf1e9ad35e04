#include "town/collar.h"

#include <algorithm>
#include <cmath>

namespace packwalk::town {
namespace {

using std::chrono::seconds;

constexpr seconds between_activities(60);
constexpr double not_measured_share = 0.02;
constexpr double low_battery_share = 0.06;  // of the outings

// Metres a step, by gait.
constexpr double walk_step = 0.55;
constexpr double trot_step = 0.85;
constexpr double gallop_step = 1.5;
constexpr double trot_speed = 1.9;    // metres a second, in the mean
constexpr double gallop_speed = 3.8;  // for some seconds

}  // namespace

DeviceTime timestamp_of(const Packet& packet) {
  return std::visit([](const auto& one) { return one.timestamp; }, packet);
}

Collar::Collar(const Town& town, DogIndex dog)
    : town_(town),
      dog_(dog),
      random_(town.options().seed, Purpose::collar, {dog}),
      receiver_(Random(town.options().seed, Purpose::receiver, {dog}), town.options().noise),
      interval_(random_.whole(town.options().sampling_seconds_min, town.options().sampling_seconds_max)),
      now_(town.options().start) {}

// The recording may begin in the middle of an outing.
void Collar::begin(const DayPlan& plan) {
  began_ = true;
  last_activity_ = now_;
  next_activity_ = now_ + seconds(random_.whole(0, 59));
  for (const Outing& outing : plan.outings[dog_]) {
    if (outing.from <= now_ && now_ < outing.to) set_out(outing);
  }
}

void Collar::set_out(const Outing& outing) {
  outing_ = &outing;
  next_activity_ = now_;
  next_fix_ = last_fix_ = now_ + seconds(random_.whole(0, interval_.count()));
  receiver_.start();
  const double until_low = random_.chance(low_battery_share) ? random_.uniform(0.3, 0.9) : 2;
  battery_low_from_ = outing.from + std::chrono::floor<seconds>((outing.to - outing.from) * until_low);
}

void Collar::come_home() {
  outing_ = nullptr;
  next_activity_ = now_;
}

std::uint8_t Collar::status(DeviceTime now) const {
  if (outing_ == nullptr) return status_at_home;
  return now >= battery_low_from_ ? status_low_battery : status_walking;
}

void Collar::run(const DayPlan& plan, DeviceTime until, std::vector<Measured>& measured) {
  if (!began_) begin(plan);
  const auto& outings = plan.outings[dog_];
  while (now_ < until) {
    const bool walked = outing_ != nullptr;
    if (outing_ != nullptr && now_ == outing_->to) come_home();
    const auto next = std::partition_point(outings.begin(), outings.end(), [&](const Outing& one) {
      return one.from < now_ || (outing_ != nullptr && one.from == outing_->from);
    });
    if (outing_ == nullptr && next != outings.end() && next->from == now_) set_out(*next);
    if (now_ == next_activity_) measured.push_back({activity(plan, now_, walked), outing_});
    if (outing_ != nullptr && now_ == next_fix_) {
      if (auto packet = fix(plan, now_)) measured.push_back({*packet, outing_});
    }
    DeviceTime then = std::min(until, next_activity_);
    if (outing_ != nullptr) {
      then = std::min({then, next_fix_, outing_->to});
    } else if (next != outings.end()) {
      then = std::min(then, next->from);
    }
    now_ = then;
  }
}

std::optional<Packet> Collar::fix(const DayPlan& plan, DeviceTime now) {
  const Receiver::Error error = receiver_.next(static_cast<double>((now - last_fix_).count()));
  last_fix_ = now;
  next_fix_ = now + interval_;
  const double height_error = random_.normal();
  if (random_.chance(town_.options().lost_share)) return std::nullopt;
  const EastNorth place = town_.place(plan, dog_, now);
  const double altitude = town_.altitude(place) + height_error * error.radius / 2;
  return TrackPacket{status(now), now, town_.lat_lon(place + error.offset),
                     std::round(std::clamp(altitude, -128.0, 127.0)), std::max(1.0, std::round(error.radius))};
}

Packet Collar::activity(const DayPlan& plan, DeviceTime now, bool walked) {
  const bool not_measured = random_.chance(not_measured_share);
  ActivityPacket packet{status(now), now, Activity::sleep, 0};
  if (walked) {
    describe_walk(plan, packet);
  } else {
    describe_rest(plan, packet);
  }
  if (not_measured) packet = {packet.status, now, Activity::steps_not_measured, 0};
  next_activity_ = now + (outing_ != nullptr ? between_activities : seconds(random_.whole(300, 600)));
  last_activity_ = now;
  return packet;
}

// The gait and the steps that the way since the packet before took.
void Collar::describe_walk(const DayPlan& plan, ActivityPacket& packet) const {
  constexpr seconds look(5);
  double metres = 0;
  double fastest = 0;
  for (DeviceTime at = last_activity_; at < packet.timestamp;) {
    const DeviceTime then = std::min(at + look, packet.timestamp);
    const double leg = length(town_.place(plan, dog_, then) - town_.place(plan, dog_, at));
    metres += leg;
    fastest = std::max(fastest, leg / static_cast<double>((then - at).count()));
    at = then;
  }
  const double speed = metres / std::max(1.0, static_cast<double>((packet.timestamp - last_activity_).count()));
  double step = walk_step;
  packet.activity = Activity::walk;
  if (fastest > gallop_speed) {
    step = gallop_step;
    packet.activity = Activity::gallop;
  } else if (speed > trot_speed) {
    step = trot_step;
    packet.activity = Activity::trot;
  }
  packet.steps = static_cast<std::int32_t>(std::lround(metres / step));
}

// A dog naps in the day and sleeps through the night; it is awake when it sets out.
void Collar::describe_rest(const DayPlan& plan, ActivityPacket& packet) {
  const auto hours_after_three = std::chrono::floor<std::chrono::hours>(packet.timestamp - plan.begin).count();
  const bool night = hours_after_three < 3 || hours_after_three >= 20;
  const bool asleep = random_.chance(night ? 1 : 0.75);
  const auto steps = static_cast<std::int32_t>(random_.whole(5, 90));
  if (asleep && outing_ == nullptr) return;
  packet.activity = Activity::walk;
  packet.steps = steps;
}

}  // namespace packwalk::town
