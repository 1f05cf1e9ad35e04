#include "packwalk/configuration/store_section.h"

#include <algorithm>

#include "adapters/postgres/client.h"
#include "packwalk/configuration/list_text.h"
#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {
namespace {

Result<void> set_replica_urls(StoreSection& store, const std::string& text) {
  store.replicas.urls = parts_of(text, ' ');
  std::erase(store.replicas.urls, "");
  if (std::all_of(store.replicas.urls.begin(), store.replicas.urls.end(), sql::is_url)) return {};
  return fail(Errc::invalid_input,
              "must be postgresql://user:password@host:port/database; separate several with spaces");
}

Result<void> set_when_old(StoreSection& store, const std::string& text) {
  if (text != "detach" && text != "drop") return fail(Errc::invalid_input, "must be detach or drop");
  store.keep.when_old = text == "drop" ? WhenOld::drop : WhenOld::detach;
  return {};
}

}  // namespace

std::vector<Setting<StoreSection>> store_settings() {
  using Of = SettingsOf<StoreSection>;
  return {
      Of::text("url",
               "PostgreSQL database: postgresql://user:password@host:port/database. Run `packwalk migrate` first. "
               "Empty: SQLite in the data folder.",
               &StoreSection::url),
      {"replica_urls",
       "Read-only replicas, separated by spaces, that api queries in turn. If they are down or their lag is too large, "
       "api queries store.url.",
       "\"\"", set_replica_urls},
      Of::seconds("replica_lag_seconds_max", "Seconds that a replica may lag behind.", 1, 86'400,
                  within(&StoreSection::replicas, &sql::ReplicaOptions::lag_max)),
      Of::seconds("wait_seconds_max",
                  "Seconds that PostgreSQL may be silent during an operation. After that, Packwalk closes the "
                  "connection and retries a commit.",
                  1, 3600, &StoreSection::wait_max),
      Of::number("keep_messages_days",
                 "Days that PostgreSQL keeps messages. Set more days than a packet can wait in the queue. 0: forever.",
                 0, 36'500, within(&StoreSection::keep, &KeepRules::messages_days)),
      Of::number("keep_fixes_months",
                 "Months that PostgreSQL keeps fixes and samples, in addition to the current month. Older packets are "
                 "invalid. 0: forever.",
                 0, 1200, within(&StoreSection::keep, &KeepRules::fixes_months)),
      {"when_old",
       "What happens to data that is older than these limits: detach (PostgreSQL keeps it in separate tables, which "
       "can be archived) or drop.",
       "\"detach\"", set_when_old},
      Of::number("keep_events_days", "Days after which an event that could not be sent is dropped. 0: never.", 0,
                 36'500, within(&StoreSection::keep, &KeepRules::events_days)),
      Of::number(
          "cache_bytes",
          "Page cache, in bytes, of the SQLite connection that commits packets. PostgreSQL has settings of its own.",
          1'048'576, giga, &StoreSection::cache_bytes),
  };
}

Result<void> check(const StoreSection& store) {
  if (!store.is_embedded() || (store.keep.messages_days == 0 && store.keep.fixes_months == 0)) return {};
  return fail(Errc::invalid_input,
              "store.keep_messages_days and store.keep_fixes_months need store.url: only PostgreSQL drops old data. "
              "Set store.url, or set both to 0");
}

}  // namespace packwalk
