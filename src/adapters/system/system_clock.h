#pragma once

#include <memory>

#include "ports/clock.h"

namespace packwalk {

/// The clock of the machine, pushed forward by a microsecond where it stands still or goes back.
std::unique_ptr<Clock> make_system_clock();

}  // namespace packwalk
