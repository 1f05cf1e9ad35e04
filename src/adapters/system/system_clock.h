#pragma once

#include <memory>

#include "ports/clock.h"

namespace packwalk {

/// The clock of the machine. If it stands still or steps back by less than a second, times advance by a microsecond.
std::unique_ptr<Clock> make_system_clock();

/// The same for another clock. Thread-safe.
using MachineClock = ServerTime (*)();
std::unique_ptr<Clock> make_clock_of(MachineClock machine);

}  // namespace packwalk
