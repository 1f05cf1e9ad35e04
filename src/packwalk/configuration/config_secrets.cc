#include "packwalk/configuration/config_secrets.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "adapters/postgres/client.h"
#include "packwalk/configuration/config.h"
#include "packwalk/configuration/config_file.h"

namespace packwalk {
namespace {

/// "user:password@" after the scheme.
bool has_password(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = url.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const auto at = authority.rfind('@');
  return at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace

Result<bool> holds_secret(const std::string& file) {
  Config config;
  if (auto applied = apply_file(config, file); !applied) return applied.failure();
  if (!config.notify.webhook.secret.empty() || !config.mqtt.auth_secret.empty()) return true;
  std::vector<std::string> urls = {config.archive.url, config.bus.url, config.cache.url, config.notify.webhook.url};
  urls.insert(urls.end(), config.queue.urls.begin(), config.queue.urls.end());
  std::vector<std::string> stores = config.store.replicas.urls;
  stores.push_back(config.store.url);
  return std::any_of(urls.begin(), urls.end(), has_password) ||
         std::any_of(stores.begin(), stores.end(), sql::has_password);
}

}  // namespace packwalk
