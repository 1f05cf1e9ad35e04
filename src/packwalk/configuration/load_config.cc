#include "packwalk/configuration/load_config.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "packwalk/configuration/all_settings.h"
#include "packwalk/configuration/config_file.h"
#include "packwalk/configuration/service_links.h"

namespace packwalk {
namespace {

Result<void> apply_environment(Config& config, const char* const* environment) {
  for (; *environment; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with("PACKWALK_")) continue;
    const std::string name(entry.substr(0, entry.find('=')));
    const std::string text(entry.substr(std::min(name.size() + 1, entry.size())));
    if (is_option_variable(name) || is_service_link(name, text)) continue;
    const auto setting = std::find_if(settings().begin(), settings().end(),
                                      [&](const Setting<Config>& each) { return variable_of(each.name) == name; });
    if (setting == settings().end()) {
      config.unknown_variables.push_back({name, nearest_variable(name)});
    } else if (auto set = apply(*setting, config, text, name); !set) {
      return set;
    }
  }
  std::sort(config.unknown_variables.begin(), config.unknown_variables.end(),
            [](const UnknownVariable& a, const UnknownVariable& b) { return a.name < b.name; });
  return {};
}

/// Checks that the store fits an archive.
Result<void> check_archive(const Config& config) {
  if (!config.archive.is_used()) return {};
  if (config.store.is_embedded()) {
    return fail(Errc::invalid_input,
                "archive.url needs store.url: only PostgreSQL can be copied to an archive. Set store.url, or remove "
                "archive.url");
  }
  if (config.store.keep.messages_days > 0) {
    return fail(Errc::invalid_input,
                "store.keep_messages_days must be 0 if archive.url is set: it would drop messages that are not in the "
                "archive yet. Set it to 0, and drop archived messages with `packwalk archive drop`");
  }
  return {};
}

/// Derives what depends on several keys, and checks the rules of each section and between sections.
Result<void> finish(Config& config) {
  finish(config.http);
  config.packets.rules.months_kept = config.store.keep.fixes_months;
  config.queue.waiting_messages_max = config.ingest.queue.messages_max;
  config.queue.waiting_bytes_max = config.ingest.queue.bytes_max;
  if (auto made = finish(config.analysis); !made) return made;
  if (auto sound = check_sections(config); !sound) return sound;
  return check_archive(config);
}

}  // namespace

Result<Config> load_config(const std::string& data, const std::optional<std::string>& file,
                           const char* const* environment) {
  Config config;
  const std::string own = data + "/packwalk.toml";
  if (file || std::filesystem::exists(own)) {
    if (auto applied = apply_file(config, file.value_or(own)); !applied) return applied.failure();
  }
  if (auto applied = apply_environment(config, environment); !applied) return applied.failure();
  if (auto finished = finish(config); !finished) return finished.failure();
  return config;
}

}  // namespace packwalk
