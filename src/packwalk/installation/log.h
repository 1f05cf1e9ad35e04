// The log of a server: one line per event on standard error, as logfmt or as JSON.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "packwalk/configuration/log_section.h"

namespace packwalk {

/// A name of lower-case letters and `_`, and a value.
struct LogField {
  LogField(std::string_view called, std::string_view text) : name(called), value(text) {}
  LogField(std::string_view called, const std::string& text) : name(called), value(std::string_view(text)) {}
  LogField(std::string_view called, const char* text) : name(called), value(std::string_view(text)) {}
  LogField(std::string_view called, std::integral auto number)
      : name(called), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view called, double number) : name(called), value(number) {}

  std::string_view name;
  std::variant<std::string_view, std::int64_t, double> value;
};
using LogFields = std::vector<LogField>;

/// `time=2026-01-31T10:00:00.123456Z level=info event=listening address=127.0.0.1:8080`, or the same as a JSON object.
/// Any text stays on one line and can be parsed back: unless a value has only plain characters, logfmt puts it in
/// quotes with the escapes of JSON.
std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                     std::string_view event, const LogFields& fields);

/// Sets the level and format from now on. Call it once, before any other thread runs.
void start_log(const LogSection& options);

/// Whether log_debug() writes.
bool logs_debug();

/// Thread-safe. Fields must not hold secrets.
void log_debug(std::string_view event, const LogFields& fields = {});
void log_info(std::string_view event, const LogFields& fields = {});
void log_warning(std::string_view event, const LogFields& fields = {});
void log_error(std::string_view event, const LogFields& fields = {});

}  // namespace packwalk
