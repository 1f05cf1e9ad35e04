#include "packwalk/configuration/archive_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<ArchiveSection>> archive_settings() {
  using Of = SettingsOf<ArchiveSection>;
  return {
      Of::text("url",
               "ClickHouse that archives the original messages: http://user:password@host:port/database. Run `packwalk "
               "migrate` first. Set the same URL on all nodes. Empty: no archive.",
               &ArchiveSection::url),
      Of::text("ca_file", "CA bundle that verifies the server if the URL is https. Empty: the bundle of the system.",
               &ArchiveSection::ca_file),
      Of::text("engine",
               "Engine of the table that `packwalk migrate` creates: ReplacingMergeTree() or "
               "ReplicatedReplacingMergeTree('/path', '{replica}').",
               &ArchiveSection::engine),
      Of::number("batch_messages_max", "Messages per batch that is sent to the archive.", 1, 1'000'000,
                 within(&ArchiveSection::copying, within(&CopyRules::piece, &PieceLimits::messages))),
      Of::seconds("batch_seconds_max", "Send an incomplete batch after this many seconds.", 0, 86'400,
                  within(&ArchiveSection::copying, &CopyRules::age_max)),
  };
}

}  // namespace packwalk
