#include "packwalk/configuration/bus_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<BusSection>> bus_settings() {
  using Of = SettingsOf<BusSection>;
  return {
      Of::text("url",
               "Redis that carries live positions from ingest to api: redis://user:password@host:port (rediss:// for "
               "TLS). Empty: api polls the database every few seconds.",
               &BusSection::url),
      Of::text("ca_file", "CA bundle that verifies the server if the URL is rediss. Empty: the bundle of the system.",
               &BusSection::ca_file),
      Of::text("channel", "Channel in Redis.", &BusSection::channel),
  };
}

}  // namespace packwalk
