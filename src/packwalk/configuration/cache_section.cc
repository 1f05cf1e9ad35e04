#include "packwalk/configuration/cache_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<CacheSection>> cache_settings() {
  using Of = SettingsOf<CacheSection>;
  return {
      Of::text("url",
               "Redis, redis://user:password@host:port (rediss:// for TLS), that tells ingest which packets come "
               "again. Empty, which is mostly as fast: the database is asked alone.",
               &CacheSection::url),
      Of::text("ca_file",
               "File with the certificates of the authorities that are trusted, for rediss. Empty: the system's "
               "authorities.",
               &CacheSection::ca_file),
      Of::text("name", "How its keys in Redis begin.", &CacheSection::name),
  };
}

}  // namespace packwalk
