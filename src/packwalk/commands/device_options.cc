#include "packwalk/commands/device_options.h"

#include <chrono>

#include "base/time_text.h"

namespace packwalk {

Result<std::map<std::string, RegisteredDevice>> registered(DeviceRegistry& registry, const std::set<std::string>& ids) {
  std::map<std::string, RegisteredDevice> found;
  const auto take = [&](const DeviceRecord& record) {
    if (ids.contains(record.device.id.text())) found.emplace(record.device.id.text(), record.device);
  };
  const auto read = registry.changes_since(0, take, leave_out);
  if (!read) return read.failure();
  return found;
}

std::string time_text(ServerTime time) { return iso_text(std::chrono::floor<std::chrono::seconds>(time)); }

}  // namespace packwalk
