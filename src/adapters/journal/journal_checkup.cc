#include "adapters/journal/journal_checkup.h"

#include <filesystem>
#include <utility>

#include "adapters/journal/damaged_files.h"
#include "adapters/journal/dead_letters.h"
#include "base/text.h"

namespace packwalk::journal {

namespace {

void examine_dead_letters(const std::string& folder, Findings& findings) {
  std::size_t count = 0;
  const auto names = names_in(folder, dead_suffix);
  auto read = names ? Result<bool>(true) : Result<bool>(names.failure());
  for (std::size_t i = 0; read && i < names->size(); ++i) {
    const std::string path = path_of(folder, (*names)[i], dead_suffix);
    read = read_dead_letters(path, (*names)[i], [&](const DeadLetter&) { ++count; });
    if (read && !*read) {
      findings.fault(path + " is damaged: not all of its dead letters can be read",
                     "check the disk; `packwalk queue requeue-dead` takes those that can be read and keeps the file");
    }
    if (!read && read.error().code == Errc::not_found) read = true;  // it was requeued meanwhile
  }
  if (!read) {
    findings.fault(read.error().detail, "is --data right, and may this user read it?");
  } else if (count > 0) {
    findings.doubt(counted(count, "dead letter, a request that could not be committed, waits in ",
                           "dead letters, requests that could not be committed, wait in ") +
                       folder,
                   "see `packwalk queue list`; when the cause is mended, `packwalk queue requeue-dead`");
  } else {
    findings.fine("no dead letters");
  }
}

}  // namespace

std::vector<Finding> examine_journal(const std::string& folder) {
  Findings findings("journal");
  const auto damaged = damaged_files_in(folder);
  if (!damaged) {
    findings.fault(damaged.error().detail, "is --data right, and may this user read it?");
    return std::move(findings).all();
  }
  for (const std::string& path : *damaged) {
    findings.fault(path + " holds parts that could not be read, where confirmed packets may have stood",
                   "check the disk; the log says where the parts are; remove the file when you do not need it");
  }
  std::error_code ignored;
  if (!std::filesystem::exists(folder, ignored)) return std::move(findings).all();
  if (damaged->empty()) findings.fine("no file of " + folder + " is damaged");
  examine_dead_letters(folder, findings);
  return std::move(findings).all();
}

}  // namespace packwalk::journal
