#include "packwalk/configuration/archive_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<ArchiveSection>> archive_settings() {
  using Of = SettingsOf<ArchiveSection>;
  return {
      Of::text("url",
               "ClickHouse, http://user:password@host:port/database, where originals are kept too, after `packwalk "
               "migrate`. The same on all nodes. Empty: the store alone keeps them.",
               &ArchiveSection::url),
      Of::text(
          "ca_file",
          "File with the certificates of the authorities that are trusted, for https. Empty: the system's authorities.",
          &ArchiveSection::ca_file),
      Of::text("engine",
               "How ClickHouse keeps the table when `packwalk migrate` makes it: ReplacingMergeTree() or "
               "ReplicatedReplacingMergeTree('/path', '{replica}').",
               &ArchiveSection::engine),
      Of::number("batch_messages_max", "Messages that go to the archive together.", 1, 1'000'000,
                 within(&ArchiveSection::copying, within(&CopyRules::piece, &PieceLimits::messages))),
      Of::seconds("batch_seconds_max", "Send an incomplete batch after this many seconds.", 0, 86'400,
                  within(&ArchiveSection::copying, &CopyRules::age_max)),
  };
}

}  // namespace packwalk
