// Every key of the configuration, by its full name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packwalk/configuration/config.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// All settings, in the order of the documented file. Their names are "section.key".
const std::vector<Setting<Config>>& settings();

/// The check of each section that has one.
Result<void> check_sections(const Config& config);

/// "http" and "listen" of "http.listen". If the key has no section, both return the whole key.
std::string section_of(std::string_view key);
std::string name_in_section(std::string_view key);
/// http.body_bytes_max -> PACKWALK_HTTP_BODY_BYTES_MAX
std::string variable_of(std::string_view key);
/// The key that the user probably meant: a similar name in a similar section.
std::optional<std::string> nearest_key(std::string_view key);
/// The known variable whose name is most similar to `name`: of a key, or of an option of the command line.
std::optional<std::string> nearest_variable(std::string_view name);
/// PACKWALK_DATA and PACKWALK_CONFIG: the variables that replace options of the command line.
bool is_option_variable(std::string_view name);

/// Applies one setting. An error begins with `where`.
Result<void> apply(const Setting<Config>& setting, Config& config, const std::string& text, const std::string& where);

}  // namespace packwalk
