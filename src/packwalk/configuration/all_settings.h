// Every key of the configuration, by its full name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packwalk/configuration/config.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// All of them, in the order of the documented file. Their names are "section.key".
const std::vector<Setting<Config>>& settings();

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

/// Sets one of them. An error begins with `where`.
Result<void> apply(const Setting<Config>& setting, Config& config, const std::string& text, const std::string& where);

}  // namespace packwalk
