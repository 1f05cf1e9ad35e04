// How packets are committed and analysed, and what is logged.
#include <algorithm>
#include <cctype>

#include "packwalk/installation/setting.h"
#include "packwalk/installation/setting_kinds.h"

namespace packwalk {
namespace {

Result<void> set_log_level(Config& config, const std::string& text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (name_of(level) != text) continue;
    config.log_level = level;
    return {};
  }
  return fail(Errc::invalid_input, "must be debug, info, warning or error");
}

Result<void> set_log_format(Config& config, const std::string& text) {
  if (text != "logfmt" && text != "json") return fail(Errc::invalid_input, "must be logfmt or json");
  config.log_format = text == "json" ? LogFormat::json : LogFormat::logfmt;
  return {};
}

/// A constant of analysis, of named_rules(). It is set when the preset is known.
Setting analysis_setting(const NamedRule& rule) {
  std::string usual;
  append_number(usual, rule.get(AnalysisRules()));
  std::string meaning(rule.meaning);
  meaning.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(meaning.front())));
  return {std::string("analysis.") + rule.name,
          meaning + ". Empty: as the preset says; " + usual + " in specification.", "\"\"",
          [&rule](Config& config, const std::string& text) -> Result<void> {
            if (text.empty()) {
              config.analysis_settings.erase(rule.name);
              return {};
            }
            const auto value = number_from<double>(text);
            if (!value) return fail(Errc::invalid_input, "is not a number");
            if (const auto flaw = flaw_of(rule, *value)) return fail(Errc::invalid_input, *flaw);
            config.analysis_settings[rule.name] = *value;
            return {};
          }};
}

}  // namespace

std::vector<Setting> ingest_settings() {
  return {
      number(
          "ingest.batch_messages_max", "Messages that are committed together, when so many wait.", 1, giga,
          [](Config & c) -> auto& { return c.batch_messages_max; }),
      number(
          "ingest.queue_messages_max", "Messages that may wait; then devices are answered 503 and send again.", 1, giga,
          [](Config & c) -> auto& { return c.queue.messages_max; }),
      number(
          "ingest.queue_bytes_max", "Bytes that may wait.", 1024, 1000 * giga,
          [](Config & c) -> auto& { return c.queue.bytes_max; }),
      number(
          "ingest.queue_device_percent",
          "Percentage of both that one device may use; beyond it, this device alone is answered 503.", 1, 100,
          [](Config & c) -> auto& { return c.queue.device_percent; }),
      {"log.level", "debug, info, warning or error.", "\"info\"", set_log_level},
      {"log.format", "logfmt (key=value, values quoted where need be) or json (an object in each line).", "\"logfmt\"",
       set_log_format},
  };
}

std::vector<Setting> analysis_settings() {
  std::vector<Setting> list = {
      {"analysis.preset",
       "The constants of tracks, activity and walks (docs/analysis.md): specification, or off-leash for dogs that "
       "stray. The same on all nodes; a change makes all that was derived anew.",
       "\"specification\"", [](Config& config, const std::string& text) -> Result<void> {
         if (!rules_of_preset(text)) return fail(Errc::invalid_input, "must be specification or off-leash");
         config.analysis_preset = text;
         return {};
       }}};
  for (const NamedRule& rule : named_rules()) list.push_back(analysis_setting(rule));
  return list;
}

}  // namespace packwalk
