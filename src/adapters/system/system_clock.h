#pragma once

#include <memory>

#include "ports/clock.h"

namespace packwalk {

/// The clock of the machine. Stamps are pushed forward by a microsecond where it stands still, or goes back by less
/// than a second.
std::unique_ptr<Clock> make_system_clock();

/// The same, of another machine: thread-safe.
using MachineClock = ServerTime (*)();
std::unique_ptr<Clock> make_clock_of(MachineClock machine);

}  // namespace packwalk
