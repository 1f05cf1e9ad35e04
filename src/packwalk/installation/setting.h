// One key of the configuration: what is said of it, and how a text sets it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packwalk/installation/config.h"

namespace packwalk {

/// Its name in the file ("section.key"), what it means, its default as TOML, and how a text sets it. An error says what
/// the text must be.
struct Setting {
  std::string key;
  std::string meaning;
  std::string default_toml;
  std::function<Result<void>(Config&, const std::string&)> set;
};

/// All of them, in the order of the documented file.
const std::vector<Setting>& settings();

// By topic.
std::vector<Setting> http_settings();
std::vector<Setting> question_settings();
std::vector<Setting> ops_settings();
std::vector<Setting> mqtt_settings();
std::vector<Setting> packet_settings();
std::vector<Setting> store_settings();
std::vector<Setting> archive_settings();
std::vector<Setting> queue_settings();
std::vector<Setting> bus_settings();
std::vector<Setting> cache_settings();
std::vector<Setting> ingest_settings();
std::vector<Setting> analysis_settings();

/// "http" and "listen" of "http.listen"; both are the whole of a key without a section.
std::string section_of(std::string_view key);
std::string name_in_section(std::string_view key);
/// http.body_bytes_max -> PACKWALK_HTTP_BODY_BYTES_MAX
std::string variable_of(std::string_view key);
/// The key that somebody probably meant: one with a near name in a near section.
std::optional<std::string> nearest_key(std::string_view key);
/// Of a variable PACKWALK_..: that of the nearest key, or one that stands for an option of the command line.
std::optional<std::string> nearest_variable(std::string_view name);
/// PACKWALK_DATA and PACKWALK_CONFIG: variables of the command line, which have options of their own.
bool is_option_variable(std::string_view name);

}  // namespace packwalk
