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
      findings.fault(path + " is damaged: some of its dead letters are unreadable",
                     "check the disk; `packwalk queue requeue-dead` requeues the readable ones and keeps the file");
    }
    if (!read && read.error().code == Errc::not_found) read = true;  // it was requeued meanwhile
  }
  if (!read) {
    findings.fault(read.error().detail, "is --data right, and may this user read it?");
  } else if (count > 0) {
    findings.doubt(counted(count, "dead letter (a request that could not be committed) waits in ",
                           "dead letters (requests that could not be committed) wait in ") +
                       folder,
                   "list them with `packwalk queue list`, fix the cause, then run `packwalk queue requeue-dead`");
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
    findings.fault(path + " has unreadable parts, which may have held confirmed packets",
                   "check the disk; the log has the offsets of the parts; remove the file when you no longer need it");
  }
  std::error_code ignored;
  if (!std::filesystem::exists(folder, ignored)) return std::move(findings).all();
  if (damaged->empty()) findings.fine("no file of " + folder + " is damaged");
  examine_dead_letters(folder, findings);
  return std::move(findings).all();
}

}  // namespace packwalk::journal
