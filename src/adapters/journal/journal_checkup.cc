#include "adapters/journal/journal_checkup.h"

#include <utility>

#include "adapters/journal/damaged_files.h"
#include "adapters/journal/dead_letters.h"

namespace packwalk::journal {

std::vector<Finding> examine_journal(const std::string& folder) {
  Findings findings("journal");
  const auto damaged = damaged_files_in(folder);
  if (!damaged) {
    findings.fault(damaged.error().detail, "is --data right, and may this user read it?");
    return std::move(findings).all();
  }
  for (const std::string& path : *damaged) {
    findings.fault(path + " holds places that could not be read, where confirmed packets may have stood",
                   "check the disk; the log says where the places are; remove the file when you do not need it");
  }
  const auto dead = each_dead_letter(folder, [](const DeadLetter&) {});
  if (!dead) {
    findings.fault(dead.error().detail, "is --data right, and may this user read it?");
  } else if (*dead > 0) {
    findings.doubt(std::to_string(*dead) + " dead letters, requests that could not be committed, wait in " + folder,
                   "see `packwalk queue list`; when the cause is mended, `packwalk queue requeue-dead`");
  }
  return std::move(findings).all();
}

}  // namespace packwalk::journal
