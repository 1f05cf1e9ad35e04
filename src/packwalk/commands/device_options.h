// The options of the sub-commands of `packwalk device`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "packwalk/installation/installation.h"

namespace packwalk {

/// The options as the command line gives them.
struct DeviceOptions : InstallationOptions {
  std::string id;
  std::vector<std::string> ids;  // to add
  std::string from;
  bool json = false;
  std::size_t count = 0;
  std::string prefix = "dog-";
  bool yes = false;
};

/// To the second.
std::string time_text(ServerTime time);

}  // namespace packwalk
