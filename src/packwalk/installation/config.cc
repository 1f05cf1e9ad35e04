#include "packwalk/installation/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/nearest.h"
#include "base/text.h"
#include "packwalk/installation/service_links.h"
#include "packwalk/installation/setting.h"

namespace packwalk {
namespace {

Result<void> apply(Config& config, const Setting& setting, const std::string& text, const std::string& where) {
  auto set = setting.set(config, text);
  if (!set) return fail(Errc::invalid_input, where + " " + set.error().detail);
  return {};
}

/// What a value of the file is that no key takes.
std::string kind_of(const toml::node& value) {
  if (value.is_array()) return "a list";
  return value.is_table() ? "a table" : "a date without quotes";
}

std::string line_of(const toml::node& value) { return " in line " + std::to_string(value.source().begin.line); }

Result<void> apply_value(Config& config, const std::string& key, const toml::node& value, const std::string& file) {
  const auto setting =
      std::find_if(settings().begin(), settings().end(), [&](const Setting& each) { return each.key == key; });
  if (setting == settings().end()) {
    return fail(Errc::invalid_input, file + ": unknown key " + key + line_of(value) + suggestion(nearest_key(key)));
  }
  std::string text;
  if (const auto integer = value.value_exact<std::int64_t>()) {
    text = std::to_string(*integer);
  } else if (const auto string = value.value_exact<std::string>()) {
    text = *string;
  } else if (const auto real = value.value_exact<double>()) {
    append_number(text, *real);
  } else if (const auto boolean = value.value_exact<bool>()) {
    text = *boolean ? "true" : "false";
  } else {
    return fail(Errc::invalid_input, file + ": " + key + line_of(value) + " is " + kind_of(value) +
                                         ". Write a number, true, false, or a text in quotes");
  }
  return apply(config, *setting, text, file + ": " + key);
}

Failure outside_of_section(const std::string& file, const std::string& key) {
  return fail(Errc::invalid_input, file + ": unknown key " + key + ": every key stands in a section, such as [http]");
}

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

Result<void> apply_environment(Config& config, const char* const* environment) {
  for (; *environment; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with("PACKWALK_")) continue;
    const std::string name(entry.substr(0, entry.find('=')));
    const std::string text(entry.substr(std::min(name.size() + 1, entry.size())));
    if (is_option_variable(name) || is_service_link(name, text)) continue;
    const auto setting = std::find_if(settings().begin(), settings().end(),
                                      [&](const Setting& each) { return variable_of(each.key) == name; });
    if (setting == settings().end()) {
      config.unknown_variables.push_back({name, nearest_variable(name)});
    } else if (auto set = apply(config, *setting, text, name); !set) {
      return set;
    }
  }
  std::sort(config.unknown_variables.begin(), config.unknown_variables.end(),
            [](const UnknownVariable& a, const UnknownVariable& b) { return a.name < b.name; });
  return {};
}

}  // namespace

Result<Config> load_config(const std::string& data, const std::optional<std::string>& file,
                           const char* const* environment) {
  Config config;
  const std::string own = data + "/packwalk.toml";
  if (file || std::filesystem::exists(own)) {
    if (auto applied = apply_file(config, file.value_or(own)); !applied) {
      return applied.failure();
    }
  }
  if (auto applied = apply_environment(config, environment); !applied) {
    return applied.failure();
  }
  if (config.store_url.empty() && (config.keep.messages_days > 0 || config.keep.fixes_months > 0)) {
    return fail(Errc::invalid_input,
                "store.keep_messages_days and store.keep_fixes_months need store.url: only PostgreSQL drops old data");
  }
  config.analysis = rules_of_preset(config.analysis_preset).value();
  for (const auto& [name, value] : config.analysis_settings) {
    if (auto set = set_rule(config.analysis, name, value); !set) return set.failure();
  }
  config.packets.months_kept = config.keep.fixes_months;
  if (!config.archive.url.empty() && config.store_url.empty()) {
    return fail(Errc::invalid_input, "archive.url needs store.url: only what PostgreSQL keeps is copied to an archive");
  }
  if (!config.archive.url.empty() && config.keep.messages_days > 0) {
    return fail(Errc::invalid_input,
                "store.keep_messages_days must be 0 with archive.url: it would drop messages that the archive does not "
                "have yet. `packwalk archive drop` drops those that are proven to be there");
  }
  config.broker.waiting_messages_max = config.queue.messages_max;
  config.broker.waiting_bytes_max = config.queue.bytes_max;
  if (config.http.threads == 0) config.http.threads = std::max(1U, std::thread::hardware_concurrency());
  if (config.mqtt_auth && config.mqtt_auth_secret.empty() && !is_loopback(config.mqtt_auth->host)) {
    return fail(Errc::invalid_input,
                "mqtt.auth_listen is " + config.mqtt_auth->host +
                    ", which other machines can reach, and they could find out which devices exist. Set "
                    "mqtt.auth_secret, or listen on 127.0.0.1");
  }
  config.ops.threads = 1;
  if (config.mqtt_auth) config.mqtt_auth->threads = 1;  // RabbitMQ remembers the answers
  return config;
}

std::string documented_config() {
  std::string text =
      "# The configuration of Packwalk: every key with its default. Give the file with --config.\n"
      "# An environment variable wins over the file: PACKWALK_HTTP_LISTEN over http.listen, and so on. PACKWALK_DATA "
      "and\n"
      "# PACKWALK_CONFIG stand for the options --data and --config.\n";
  std::string section;
  for (const Setting& setting : settings()) {
    if (section_of(setting.key) != section) {
      section = section_of(setting.key);
      text.append("\n[").append(section).append("]\n");
    }
    text.append("# ").append(setting.meaning).append("\n");
    text.append(name_in_section(setting.key)).append(" = ").append(setting.default_toml).append("\n");
  }
  return text;
}

}  // namespace packwalk
