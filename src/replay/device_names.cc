#include "replay/device_names.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/ascii.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t id_size_max = 64;

bool stands_in_id(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }

std::string made_valid(std::string_view name) {
  std::string id(name.substr(0, id_size_max));
  std::replace_if(
      id.begin(), id.end(), [](char c) { return !stands_in_id(c); }, '_');
  return id.empty() ? "_" : id;
}

/// Ids that nobody has. No number is tried twice for one beginning, so that many equal names cost no more than others.
class FreeIds {
 public:
  void take(const std::string& id) { taken_.insert(id); }

  std::string take_like(const std::string& id) {
    std::string free = id;
    for (std::size_t digits = 1; taken_.contains(free);) {
      const std::string beginning = id.substr(0, id_size_max - 1 - digits) + "-";
      std::size_t& number =
          next_number_.try_emplace(std::string(digits, '0') + beginning, first_of(digits)).first->second;
      if (number == first_of(digits + 1)) {
        ++digits;
      } else {
        free = beginning + std::to_string(number++);
      }
    }
    take(free);
    return free;
  }

 private:
  /// 2, 10, 100, ..
  static std::size_t first_of(std::size_t digits) {
    std::size_t number = 1;
    for (std::size_t i = 1; i < digits; ++i) number *= 10;
    return digits == 1 ? 2 : number;
  }

  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::size_t> next_number_;  // by its digits and what stands before it
};

}  // namespace

std::vector<DeviceId> device_ids_of(const std::vector<std::string>& names) {
  FreeIds free_ids;
  for (const std::string& name : names) {
    if (DeviceId::from_text(name)) free_ids.take(name);
  }
  std::vector<DeviceId> ids;
  ids.reserve(names.size());
  for (const std::string& name : names) {
    if (auto id = DeviceId::from_text(name)) {
      ids.push_back(*std::move(id));
      continue;
    }
    ids.push_back(DeviceId::from_text(free_ids.take_like(made_valid(name))).value());
  }
  return ids;
}

}  // namespace packwalk::replay
