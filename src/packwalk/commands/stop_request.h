// Ctrl-C or SIGTERM: the user requests that a sub-command stops.
#pragma once

namespace packwalk {

/// From now on, the first such signal only sets a flag. The second one ends the process.
void watch_for_stop();

/// Whether the flag is set.
bool stop_requested();

}  // namespace packwalk
