// Ctrl-C, or SIGTERM: the user wants a sub-command to come to its end.
#pragma once

namespace packwalk {

/// From now on the first such signal only sets a mark; the second ends the process as usual.
void watch_for_stop();

/// Whether it came.
bool stop_requested();

}  // namespace packwalk
