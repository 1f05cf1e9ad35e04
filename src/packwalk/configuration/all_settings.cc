#include "packwalk/configuration/all_settings.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/nearest.h"
#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::string_view variable_prefix = "PACKWALK_";
constexpr std::array<std::string_view, 2> option_variables = {"PACKWALK_DATA", "PACKWALK_CONFIG"};

struct Sections {
  std::vector<Setting<Config>> settings;
  std::vector<std::function<Result<void>(const Config&)>> checks;
};

/// Adds the settings of a section, and its check if it has one; `section` is its member of Config.
template <class Section>
void add(Sections& all, const std::string& name, std::vector<Setting<Section>> own, Section Config::*section,
         Result<void> (*check_of)(const Section&) = nullptr) {
  if (check_of) {
    all.checks.push_back([section, check_of](const Config& config) { return check_of(config.*section); });
  }
  for (Setting<Section>& each : own) {
    all.settings.push_back({name + "." + each.name, std::move(each.meaning), std::move(each.default_toml),
                            [section, set = std::move(each.set)](Config& config, const std::string& text) {
                              return set(config.*section, text);
                            }});
  }
}

Sections all_sections() {
  Sections all;
  add(all, "http", http_settings(), &Config::http);
  add(all, "ops", ops_settings(), &Config::ops);
  add(all, "store", store_settings(), &Config::store, check);
  add(all, "archive", archive_settings(), &Config::archive);
  add(all, "queue", queue_settings(), &Config::queue);
  add(all, "mqtt", mqtt_settings(), &Config::mqtt, check);
  add(all, "bus", bus_settings(), &Config::bus);
  add(all, "cache", cache_settings(), &Config::cache);
  add(all, "packets", packets_settings(), &Config::packets);
  add(all, "ingest", ingest_settings(), &Config::ingest);
  add(all, "log", log_settings(), &Config::log);
  add(all, "analysis", analysis_settings(), &Config::analysis);
  add(all, "notify", notify_settings(), &Config::notify, check);
  return all;
}

const Sections& sections() {
  static const Sections all = all_sections();
  return all;
}

}  // namespace

const std::vector<Setting<Config>>& settings() { return sections().settings; }

Result<void> check_sections(const Config& config) {
  for (const auto& check_one : sections().checks) {
    if (auto sound = check_one(config); !sound) return sound;
  }
  return {};
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
  for (const Setting<Config>& each : settings()) sections.push_back(section_of(each.name));
  const auto section = nearest_to(section_of(key), sections);
  if (!section) return std::nullopt;
  std::vector<std::string> names;
  for (const Setting<Config>& each : settings()) {
    if (section_of(each.name) == *section) names.push_back(name_in_section(each.name));
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

Result<void> apply(const Setting<Config>& setting, Config& config, const std::string& text, const std::string& where) {
  auto set = setting.set(config, text);
  if (!set) return fail(set.error().code, where + " " + set.error().detail);
  return {};
}

}  // namespace packwalk
