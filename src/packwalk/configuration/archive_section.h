// [archive]: where originals are kept besides the store.
#pragma once

#include <vector>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "app/archive/copy_to_archive.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// Without a url: the store keeps all originals.
struct ArchiveSection : ArchiveOptions {
  CopyRules copying;

  bool is_used() const { return !url.empty(); }
};

std::vector<Setting<ArchiveSection>> archive_settings();

}  // namespace packwalk
