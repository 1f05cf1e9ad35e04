// What the sub-commands of `packwalk device` have in common.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "packwalk/installation/installation.h"

namespace packwalk {

/// The command line as it came.
struct DeviceOptions : InstallationOptions {
  std::string id;
  std::vector<std::string> ids;  // to add
  std::string from;
  bool json = false;
  std::size_t count = 0;
  std::string prefix = "dog-";
  bool yes = false;
};

/// What ids name in the registry, removed devices included; those that it does not know are missing.
Result<std::map<std::string, RegisteredDevice>> registered(DeviceRegistry& registry, const std::set<std::string>& ids);

/// To the second.
std::string time_text(ServerTime time);

}  // namespace packwalk
