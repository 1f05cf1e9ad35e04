#include "packwalk/configuration/cache_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<CacheSection>> cache_settings() {
  using Of = SettingsOf<CacheSection>;
  return {
      Of::text("url",
               "Redis that remembers which keys ingest has committed: redis://user:password@host:port (rediss:// for "
               "TLS). Empty: ingest checks keys in the database only, which is usually as fast.",
               &CacheSection::url),
      Of::text("ca_file", "CA bundle that verifies the server if the URL is rediss. Empty: the bundle of the system.",
               &CacheSection::ca_file),
      Of::text("name", "Prefix of the keys in Redis.", &CacheSection::name),
  };
}

}  // namespace packwalk
