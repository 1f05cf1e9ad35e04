// The errors of a satellite receiver.
#pragma once

#include "town/local_plane.h"
#include "town/random.h"

namespace packwalk::town {

/// Half of the variance of an error is new in every fix, half drifts: a Gauss-Markov process whose correlation falls to
/// 1/e in 100 s. How good the reception is drifts too, by at most a seventh, and the receiver says so.
class Receiver {
 public:
  struct Error {
    EastNorth offset;
    double radius = 0;  // metres: 68 % of the errors made under this reception lie within it
  };

  /// `noise`: the radius in mean reception, metres.
  Receiver(const Random& random, double noise);

  /// Switched on anew: what comes has nothing to do with what was.
  void start();
  /// The error of a fix so many seconds after the one before.
  Error next(double seconds);

 private:
  Random random_;
  double noise_;
  EastNorth drift_;       // of variance 1 along each axis
  double reception_ = 0;  // likewise
};

}  // namespace packwalk::town
