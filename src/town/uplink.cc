#include "town/uplink.h"

namespace packwalk::town {
namespace {

constexpr std::int64_t load_packets_max = 100;
constexpr std::chrono::seconds between_loads(2);
constexpr double duplicate_seconds_min = 1;
constexpr double duplicate_seconds_mean = 120;

std::chrono::microseconds micros(double seconds) {
  return std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

}  // namespace

Uplink::Uplink(const Town& town, DogIndex dog)
    : town_(town),
      dog_(dog),
      random_(town.options().seed, Purpose::upload, {dog}),
      latency_(micros(random_.uniform(0.2, 1.5))) {}

void Uplink::take(const Measured& measured) {
  const ServerTime at = send_time(measured);
  add(at, measured.packet);
  const bool again = random_.chance(town_.options().duplicate_share);
  const auto later = micros(duplicate_seconds_min + random_.exponential(duplicate_seconds_mean));
  if (again) add(at + later, measured.packet);
}

ServerTime Uplink::send_time(const Measured& measured) {
  const double late = random_.uniform(0, static_cast<double>(town_.options().shuffle_seconds));
  if (measured.outing != nullptr) {
    consider(*measured.outing);
    if (offline_) return upload_at_ + between_loads * (held_++ / load_packets_max);
  }
  return timestamp_of(measured.packet) + latency_ + micros(late);
}

void Uplink::consider(const Outing& outing) {
  if (outing_from_ == outing.from) return;
  outing_from_ = outing.from;
  Random random(town_.options().seed, Purpose::hold,
                {dog_, static_cast<std::uint64_t>(seconds_since_1970(outing.from))});
  offline_ = random.chance(town_.options().offline_share);
  upload_at_ = outing.to + micros(random.uniform(0.5, town_.options().offline_hours_max) * 3600);
  held_ = 0;
}

std::optional<ServerTime> Uplink::next() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.top().at;
}

void Uplink::send_until(ServerTime until, std::vector<Upload>& uploads) {
  Upload* load = nullptr;
  while (!waiting_.empty() && waiting_.top().at < until) {
    const Due& due = waiting_.top();
    if (load == nullptr || load->send_time != due.at) load = &uploads.emplace_back(Upload{due.at, dog_, {}});
    load->packets.push_back(due.packet);
    waiting_.pop();
  }
}

}  // namespace packwalk::town
