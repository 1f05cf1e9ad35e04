#include "packwalk/commands/stop_request.h"

#include <csignal>
#include <initializer_list>

namespace packwalk {
namespace {

volatile std::sig_atomic_t requested = 0;

}  // namespace

void watch_for_stop() {
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int number) {
      requested = 1;
      std::signal(number, SIG_DFL);  // NOLINT(bugprone-signal-handler): signal() is safe here (POSIX 2.4.3)
    });
  }
}

bool stop_requested() { return requested != 0; }

}  // namespace packwalk
