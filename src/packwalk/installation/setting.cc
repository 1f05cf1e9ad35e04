#include "packwalk/installation/setting.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/nearest.h"
#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::string_view variable_prefix = "PACKWALK_";
constexpr std::array<std::string_view, 2> option_variables = {"PACKWALK_DATA", "PACKWALK_CONFIG"};

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> list = http_settings();
    for (auto more :
         {question_settings(), ops_settings(), store_settings(), archive_settings(), queue_settings(), mqtt_settings(),
          bus_settings(), cache_settings(), packet_settings(), ingest_settings(), analysis_settings()}) {
      list.insert(list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return list;
  }();
  return all;
}

std::string section_of(std::string_view key) { return std::string(key.substr(0, key.find('.'))); }
std::string name_in_section(std::string_view key) { return std::string(key.substr(key.find('.') + 1)); }

std::string variable_of(std::string_view key) {
  std::string variable(variable_prefix);
  for (const char c : key) {
    variable.push_back(c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return variable;
}

std::optional<std::string> nearest_key(std::string_view key) {
  std::vector<std::string> sections;
  for (const Setting& each : settings()) sections.push_back(section_of(each.key));
  const auto section = nearest_to(section_of(key), sections);
  if (!section) return std::nullopt;
  std::vector<std::string> names;
  for (const Setting& each : settings()) {
    if (section_of(each.key) == *section) names.push_back(name_in_section(each.key));
  }
  const auto name = nearest_to(name_in_section(key), names);
  return name ? std::optional(*section + "." + *name) : std::nullopt;
}

std::optional<std::string> nearest_variable(std::string_view name) {
  const std::string_view rest = name.substr(std::min(variable_prefix.size(), name.size()));
  std::vector<std::string> of_options;
  for (const std::string_view each : option_variables) of_options.emplace_back(each.substr(variable_prefix.size()));
  if (const auto nearest = nearest_to(rest, of_options)) return std::string(variable_prefix) + *nearest;
  std::string key = lower_case(rest);
  if (const std::size_t end = key.find('_'); end != std::string::npos) key[end] = '.';
  const auto nearest = nearest_key(key);
  return nearest ? std::optional(variable_of(*nearest)) : std::nullopt;
}

bool is_option_variable(std::string_view name) {
  return std::find(option_variables.begin(), option_variables.end(), name) != option_variables.end();
}

}  // namespace packwalk
