#include "packwalk/roles/archiver.h"

#include <algorithm>
#include <utility>

#include "base/work_limits.h"
#include "packwalk/installation/log.h"

namespace packwalk {

Archiver::Archiver(ArchiveParts parts, CopyRules rules, Clock& clock)
    : parts_(std::move(parts)), copying_(*parts_.source, *parts_.archive, rules), clock_(clock) {}

void Archiver::start() {
  ticker_ = std::make_unique<Ticker>([this] { return step(); });
}

Metrics::Levels::Copying Archiver::levels() const {
  const CopyLevels levels = copying_.levels();
  Metrics::Levels::Copying copying{
      .backlog = levels.backlog.messages, .copied = levels.copied, .failures = levels.failures};
  if (levels.backlog.oldest) {
    copying.oldest_age = std::max(clock_.now() - *levels.backlog.oldest, std::chrono::microseconds(0));
  }
  return copying;
}

std::chrono::milliseconds Archiver::step() {
  const LimitedWork until_stop({.gone = stop_.get_token()});
  const auto pause = copying_.step(clock_.now(), std::uniform_real_distribution<double>(0, 1)(random_));
  CopyLevels levels = copying_.levels();
  if (stop_.stop_requested()) return pause;  // a step that was cancelled is no failure
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
