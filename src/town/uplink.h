// When the packets of one collar reach the network, how often, and in which order.
#pragma once

#include <optional>
#include <queue>
#include <vector>

#include "town/collar.h"

namespace packwalk::town {

/// What a collar sends at once.
struct Upload {
  ServerTime send_time;
  DogIndex dog = 0;
  std::vector<Packet> packets;
};

/// On line, a packet goes out by itself within seconds, late by the shuffle. What belongs to an outing that was off
/// line waits for hours and goes in loads of up to 100, two seconds apart, in order. A duplicate goes once more, some
/// minutes after the first. Nothing is lost.
class Uplink {
 public:
  Uplink(const Town& town, DogIndex dog);

  /// In order of time.
  void take(const Measured& measured);
  /// Adds what is sent before `until`, in order. Final once every packet measured before `until` was taken.
  void send_until(ServerTime until, std::vector<Upload>& uploads);
  /// When the next one goes, of those taken so far.
  std::optional<ServerTime> next() const;

 private:
  struct Due {
    ServerTime at;
    std::uint64_t order = 0;
    Packet packet;

    // The queue's top is the one that is due first.
    friend bool operator<(const Due& x, const Due& y) { return x.at != y.at ? x.at > y.at : x.order > y.order; }
  };
  void add(ServerTime at, const Packet& packet) { waiting_.push({at, order_++, packet}); }
  ServerTime send_time(const Measured& measured);
  void consider(const Outing& outing);

  const Town& town_;
  DogIndex dog_;
  Random random_;
  std::chrono::microseconds latency_;
  std::priority_queue<Due> waiting_;
  std::uint64_t order_ = 0;
  DeviceTime outing_from_;  // the outing that was considered last
  bool offline_ = false;    // whether it is
  ServerTime upload_at_;
  std::int64_t held_ = 0;
};

}  // namespace packwalk::town
