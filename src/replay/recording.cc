#include "replay/recording.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "base/time_text.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t id_size_max = 64;

bool stands_in_id(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

std::string made_valid(std::string_view name) {
  std::string id(name.substr(0, id_size_max));
  std::replace_if(
      id.begin(), id.end(), [](char c) { return !stands_in_id(c); }, '_');
  return id.empty() ? "_" : id;
}

std::string made_free(const std::string& id, const std::set<std::string>& taken) {
  std::string free = id;
  for (int number = 2; taken.contains(free); ++number) {
    std::string suffix = std::to_string(number);
    free = id.substr(0, id_size_max - 1 - suffix.size()).append("-").append(suffix);
  }
  return free;
}

}  // namespace

std::vector<DeviceId> device_ids_of(const std::vector<std::string>& names) {
  std::set<std::string> taken;
  for (const std::string& name : names) {
    if (DeviceId::from_text(name)) taken.insert(name);
  }
  std::vector<DeviceId> ids;
  ids.reserve(names.size());
  for (const std::string& name : names) {
    if (auto id = DeviceId::from_text(name)) {
      ids.push_back(*std::move(id));
      continue;
    }
    const std::string free = made_free(made_valid(name), taken);
    taken.insert(free);
    ids.push_back(DeviceId::from_text(free).value());
  }
  return ids;
}

std::optional<double> finite_number_from(std::string_view text) {
  std::string_view digits = trimmed(text);
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  const auto number = number_from<double>(digits);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<double> seconds_from(std::string_view text) {
  const auto time = time_from_text(text);
  return time ? std::optional(static_cast<double>(seconds_since_1970(*time))) : std::nullopt;
}

}  // namespace packwalk::replay
