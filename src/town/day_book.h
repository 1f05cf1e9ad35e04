// The day's outings as they are planned, one event after another.
#pragma once

#include <vector>

#include "town/town.h"

namespace packwalk::town {

/// Where and when a dog joins and leaves the path of an event. Times are seconds since the day began.
struct Appointment {
  std::uint32_t path = 0;
  Corner at, until;
  double arrive = 0;  // at the corner `at`, to wait there
  double since = 0;   // from then on it is in company
  double join = 0, leave = 0;
  double behind = 0;  // metres behind the leader
  bool off_leash = false;
};

struct Guest {
  DogIndex dog = 0;
  std::vector<Appointment> appointments;  // one after another, each at its path's own time
};

class DayBook {
 public:
  DayBook(const Town& town, std::int64_t day);

  std::size_t outings() const { return outings_; }
  std::uint32_t keep(const TimedPath& path);
  /// Sends out those who have the time for their appointments, and says who they are. If they would be fewer than
  /// `guests_min`, nobody goes.
  std::vector<Guest> send_out(const std::vector<Guest>& guests, std::size_t guests_min, Random& random);
  /// The company of two at one of their appointments, in the whole seconds within it.
  void note(CompanyKind kind, const Guest& x, const Guest& y, std::size_t appointment);
  DayPlan closed() &&;

 private:
  bool send_out(const Guest& guest, Random& random);
  bool travel(const Appointment& before, const Appointment& next, Random& random, Outing& outing);
  void go_on(TimedPath& path, Corner from, Corner to, Random& random) const;
  bool is_free(DogIndex dog, const Outing& outing) const;
  DeviceTime at(double seconds) const { return plan_.begin + std::chrono::seconds(static_cast<std::int64_t>(seconds)); }

  const Town& town_;
  DayPlan plan_;
  std::size_t outings_ = 0;
};

}  // namespace packwalk::town
