#include "packwalk/installation/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <span>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"

namespace packwalk {
namespace {

LogFormat chosen_format = LogFormat::logfmt;  // written before threads exist

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(micros);
  const std::time_t seconds = whole.count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>((micros - whole).count()));
  return std::string(text.data(), size) + fraction.data();
}

/// Whether a character needs no quotes in logfmt. Bytes from 0x80 on do: inside quotes, bytes that are not UTF-8 are
/// replaced.
bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\'; });
}

void append_value(std::string& line, const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    append_number(line, *number);
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    append_number(line, *real);
  } else if (const auto text = std::get<std::string_view>(field.value); is_plain(text)) {
    line.append(text);
  } else {
    append_json_string(line, text);
  }
}

std::string logfmt_of(std::span<const LogField> fields) {
  std::string line;
  for (const LogField& field : fields) {
    line.append(line.empty() ? "" : " ").append(field.name).append("=");
    append_value(line, field);
  }
  return line;
}

std::string json_of(std::span<const LogField> fields) {
  JsonWriter json;
  json.object([&] {
    for (const LogField& field : fields) {
      json.begin_member_named(field.name);
      std::visit([&](const auto& value) { json.value(value); }, field.value);
    }
  });
  return json.take();
}

void log(LogLevel level, std::string_view event, const LogFields& fields) {
  if (!spdlog::should_log(spdlog_level(level))) return;
  const std::string line = log_line(chosen_format, std::chrono::system_clock::now(), level, event, fields);
  spdlog::log(spdlog_level(level), "{}", line);
}

}  // namespace

std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                     std::string_view event, const LogFields& fields) {
  const std::string at = time_text(time);
  std::vector<LogField> all = {{"time", at}, {"level", name_of(level)}, {"event", event}};
  all.insert(all.end(), fields.begin(), fields.end());
  return format == LogFormat::json ? json_of(all) : logfmt_of(all);
}

void start_log(const LogSection& options) {
  chosen_format = options.format;
  auto logger = spdlog::stderr_logger_mt("packwalk");
  logger->set_pattern("%v");
  logger->set_level(spdlog_level(options.level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

bool logs_debug() { return spdlog::should_log(spdlog::level::debug); }

void log_debug(std::string_view event, const LogFields& fields) { log(LogLevel::debug, event, fields); }
void log_info(std::string_view event, const LogFields& fields) { log(LogLevel::info, event, fields); }
void log_warning(std::string_view event, const LogFields& fields) { log(LogLevel::warning, event, fields); }
void log_error(std::string_view event, const LogFields& fields) { log(LogLevel::error, event, fields); }

}  // namespace packwalk
