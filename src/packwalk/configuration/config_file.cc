#include "packwalk/configuration/config_file.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <utility>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/nearest.h"
#include "base/text.h"
#include "packwalk/configuration/all_settings.h"

namespace packwalk {
namespace {

/// The kind of a value that no key accepts.
std::string kind_of(const toml::node& value) {
  if (value.is_array()) return "a list";
  if (value.is_floating_point()) return "not finite";
  return value.is_table() ? "a table" : "a date without quotes";
}

std::string line_of(const toml::node& value) { return " in line " + std::to_string(value.source().begin.line); }

Result<void> apply_value(Config& config, const std::string& key, const toml::node& value, const std::string& file) {
  const auto setting =
      std::find_if(settings().begin(), settings().end(), [&](const Setting<Config>& each) { return each.name == key; });
  if (setting == settings().end()) {
    return fail(Errc::invalid_input, file + ": unknown key " + key + line_of(value) + suggestion(nearest_key(key)));
  }
  std::string text;
  if (const auto integer = value.value_exact<std::int64_t>()) {
    text = std::to_string(*integer);
  } else if (const auto string = value.value_exact<std::string>()) {
    text = *string;
  } else if (const auto real = value.value_exact<double>(); real && std::isfinite(*real)) {
    append_number(text, *real);
  } else if (const auto boolean = value.value_exact<bool>()) {
    text = *boolean ? "true" : "false";
  } else {
    return fail(Errc::invalid_input, file + ": " + key + line_of(value) + " is " + kind_of(value) +
                                         ". Write a number, true, false, or a text in quotes");
  }
  return apply(*setting, config, text, file + ": " + key);
}

Failure outside_of_section(const std::string& file, const std::string& key) {
  return fail(Errc::invalid_input, file + ": unknown key " + key + ". Put it into a section such as [http]");
}

}  // namespace

Result<void> apply_file(Config& config, const std::string& file) {
  if (const std::ifstream in(file); !in) {
    return fail(Errc::invalid_input, "cannot read the configuration " + file + ": " + std::strerror(errno));
  }
  const toml::parse_result parsed = toml::parse_file(file);
  if (!parsed) {
    std::string what = file;
    what.append(": ").append(parsed.error().description()).append(" in line ");
    what.append(std::to_string(parsed.error().source().begin.line));
    return fail(Errc::invalid_input, std::move(what));
  }
  for (const auto& [section, table] : parsed.table()) {
    std::string prefix(section.str());
    if (!table.is_table()) return outside_of_section(file, prefix);
    prefix.push_back('.');
    for (const auto& [key, value] : *table.as_table()) {
      const std::string name = std::string(prefix).append(key.str());
      if (auto set = apply_value(config, name, value, file); !set) return set;
    }
  }
  return {};
}

std::string documented_config() {
  std::string text =
      "# The configuration of Packwalk: every key with its default. Pass the file with --config.\n"
      "# An environment variable overrides the file: PACKWALK_HTTP_LISTEN overrides http.listen, and so on.\n"
      "# PACKWALK_DATA and PACKWALK_CONFIG replace the options --data and --config.\n";
  std::string section;
  for (const Setting<Config>& setting : settings()) {
    if (section_of(setting.name) != section) {
      section = section_of(setting.name);
      text.append("\n[").append(section).append("]\n");
    }
    text.append("# ").append(setting.meaning).append("\n");
    text.append(name_in_section(setting.name)).append(" = ").append(setting.default_toml).append("\n");
  }
  return text;
}

}  // namespace packwalk
