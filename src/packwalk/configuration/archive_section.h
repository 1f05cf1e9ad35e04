// [archive]: the archive of the original messages.
#pragma once

#include <vector>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "app/archive/copy_to_archive.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// Without a url, there is no archive: the store keeps all original messages.
struct ArchiveSection : ArchiveOptions {
  CopyRules copying;

  bool is_used() const { return !url.empty(); }
};

std::vector<Setting<ArchiveSection>> archive_settings();

}  // namespace packwalk
