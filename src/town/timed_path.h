// A way through the town and when one is where on it.
#pragma once

#include <vector>

#include "town/local_plane.h"

namespace packwalk::town {

/// A polyline that is walked forwards, with pauses. Times are seconds since some moment that the owner knows.
class TimedPath {
 public:
  TimedPath(double begin, EastNorth from) : knots_{{begin, 0, from}} {}

  void walk_to(EastNorth to, double metres_a_second);
  void wait(double seconds);
  /// The same way, `seconds` later.
  void shift(double seconds);

  double begin() const { return knots_.front().time; }
  double end() const { return knots_.back().time; }
  /// Before the begin one stands at the start, after the end at the end.
  EastNorth at(double time) const;
  /// Of one who walks `behind` metres behind, measured along the way.
  EastNorth at(double time, double behind) const;
  /// Metres along the way.
  double walked_at(double time) const;
  /// When so many metres are first walked.
  double time_when(double walked) const;

 private:
  struct Knot {
    double time;
    double walked;
    EastNorth place;
  };
  std::vector<Knot> knots_;  // both `time` and `walked` never fall
};

}  // namespace packwalk::town
