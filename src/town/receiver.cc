#include "town/receiver.h"

#include <algorithm>
#include <cmath>

namespace packwalk::town {
namespace {

constexpr double drift_seconds = 100;
// A radius in standard deviations along one axis: the 68 % point of Rayleigh's distribution, sqrt(-2 ln 0.32).
constexpr double radius_68 = 1.5095921854516636;

}  // namespace

Receiver::Receiver(const Random& random, double noise) : random_(random), noise_(noise) { start(); }

void Receiver::start() {
  drift_ = {random_.normal(), random_.normal()};
  reception_ = random_.normal();
}

Receiver::Error Receiver::next(double seconds) {
  const double kept = std::exp(-seconds / drift_seconds);
  const double fresh = std::sqrt(1 - kept * kept);
  drift_ = drift_ * kept + EastNorth{random_.normal(), random_.normal()} * fresh;
  reception_ = reception_ * kept + random_.normal() * fresh;
  const double radius = noise_ * (1 + std::clamp(reception_ * 0.07, -0.14, 0.14));
  const EastNorth white{random_.normal(), random_.normal()};
  return {(drift_ + white) * (radius / radius_68 * std::sqrt(0.5)), radius};
}

}  // namespace packwalk::town
