#include "packwalk/roles/archiver.h"

#include <utility>

#include "packwalk/installation/log.h"

namespace packwalk {

Archiver::Archiver(ArchiveParts parts, CopyRules rules, Clock& clock)
    : parts_(std::move(parts)),
      copying_(*parts_.source, *parts_.archive, rules),
      clock_(clock),
      ticker_([this] { return step(); }) {}

std::chrono::milliseconds Archiver::step() {
  const auto pause = copying_.step(clock_.now(), std::uniform_real_distribution<double>(0, 1)(random_));
  CopyLevels levels = copying_.levels();
  if (levels.trouble != trouble_) {
    trouble_ = std::move(levels.trouble);
    if (trouble_.empty()) {
      log_info("archive_reached", {{"backlog", levels.backlog.messages}});
    } else {
      log_warning("archive_failed", {{"backlog", levels.backlog.messages}, {"error", trouble_}});
    }
  }
  return pause;
}

}  // namespace packwalk
