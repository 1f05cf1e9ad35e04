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
              "must be postgresql://user:password@host:port/database; several with spaces between");
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
               "Where all is kept: postgresql://user:password@host:port/database, after `packwalk migrate`. Empty: "
               "SQLite in the data folder.",
               &StoreSection::url),
      {"replica_urls",
       "Read-only replicas of it that api asks in turn, with spaces between; it asks store.url when they are away or "
       "behind.",
       "\"\"", set_replica_urls},
      Of::seconds("replica_lag_seconds_max", "Seconds that a replica may be behind.", 1, 86'400,
                  within(&StoreSection::replicas, &sql::ReplicaOptions::lag_max)),
      Of::seconds("wait_seconds_max",
                  "Seconds that PostgreSQL may be silent in the midst of something; then its connection is given up, "
                  "and what was to be committed is tried again.",
                  1, 3600, &StoreSection::wait_max),
      Of::number(
          "keep_messages_days",
          "Days that messages are kept in PostgreSQL. Give more than a packet may ever wait in the queue. 0: for ever.",
          0, 36'500, within(&StoreSection::keep, &KeepRules::messages_days)),
      Of::number("keep_fixes_months",
                 "Months that fixes and samples are kept in PostgreSQL, in addition to the current one; older packets "
                 "are invalid. 0: for ever.",
                 0, 1200, within(&StoreSection::keep, &KeepRules::fixes_months)),
      {"when_old",
       "What is done with older data: detach (it becomes tables of its own, which can be archived) or drop.",
       "\"detach\"", set_when_old},
      Of::number("keep_events_days", "Days after which an event that was not sent is dropped. 0: never.", 0, 36'500,
                 within(&StoreSection::keep, &KeepRules::events_days)),
      Of::number("cache_bytes",
                 "Bytes of SQLite's database that stay in memory for the connection that takes packets. PostgreSQL has "
                 "settings of its own.",
                 1'048'576, giga, &StoreSection::cache_bytes),
  };
}

Result<void> check(const StoreSection& store) {
  if (!store.is_embedded() || (store.keep.messages_days == 0 && store.keep.fixes_months == 0)) return {};
  return fail(Errc::invalid_input,
              "store.keep_messages_days and store.keep_fixes_months need store.url: only PostgreSQL drops old data");
}

}  // namespace packwalk
