#include "packwalk/configuration/log_section.h"

namespace packwalk {
namespace {

Result<void> set_level(LogSection& log, const std::string& text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (name_of(level) != text) continue;
    log.level = level;
    return {};
  }
  return fail(Errc::invalid_input, "must be debug, info, warning or error");
}

Result<void> set_format(LogSection& log, const std::string& text) {
  if (text != "logfmt" && text != "json") return fail(Errc::invalid_input, "must be logfmt or json");
  log.format = text == "json" ? LogFormat::json : LogFormat::logfmt;
  return {};
}

}  // namespace

std::vector<Setting<LogSection>> log_settings() {
  return {
      {"level", "Least severe level that is logged: debug, info, warning or error.", "\"info\"", set_level},
      {"format", "Format of the log: logfmt (key=value, values quoted if necessary) or json (one object per line).",
       "\"logfmt\"", set_format},
  };
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      break;
  }
  return "error";
}

}  // namespace packwalk
