// [log]: the level and the format of the log.
#pragma once

#include <string_view>
#include <vector>

#include "packwalk/configuration/setting.h"

namespace packwalk {

enum class LogFormat { logfmt, json };

enum class LogLevel { debug, info, warning, error };
std::string_view name_of(LogLevel level);

struct LogSection {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::logfmt;
};

std::vector<Setting<LogSection>> log_settings();

}  // namespace packwalk
