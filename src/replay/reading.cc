#include "replay/reading.h"

namespace packwalk::replay {

std::vector<std::string> warnings_of(const Reading& reading) {
  std::vector<std::string> all = reading.warnings;
  if (!reading.device_warning.empty()) all.push_back(reading.device_warning);
  return all;
}

}  // namespace packwalk::replay
