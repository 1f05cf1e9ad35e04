#include "packwalk/configuration/bus_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<BusSection>> bus_settings() {
  using Of = SettingsOf<BusSection>;
  return {
      Of::text("url",
               "Redis, redis://user:password@host:port (rediss:// for TLS), that tells live positions from ingest to "
               "api. Empty: api looks into the database every few seconds.",
               &BusSection::url),
      Of::text("ca_file",
               "File with the certificates of the authorities that are trusted, for rediss. Empty: the system's "
               "authorities.",
               &BusSection::ca_file),
      Of::text("channel", "The channel of Redis.", &BusSection::channel),
  };
}

}  // namespace packwalk
