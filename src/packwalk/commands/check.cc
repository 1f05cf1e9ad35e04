#include "packwalk/commands/check.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "adapters/journal/journal_checkup.h"
#include "app/ingest/audit_device.h"
#include "base/text.h"
#include "base/time_text.h"
#include "packwalk/commands/journal_command.h"
#include "packwalk/commands/json_lines.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

constexpr std::int64_t differences_shown_max = 20;

struct CheckOptions : InstallationOptions {
  bool json = false;

  /// The stream for sentences: with --json, standard output is for programs.
  std::ostream& words() const { return json ? std::cerr : std::cout; }
};

void show(std::ostream& out, std::int64_t number, const std::string& sentence) {
  if (number <= differences_shown_max) out << sentence << '\n';
  if (number == differences_shown_max + 1) out << "and more\n";
}

/// Checks the structure of the database. Returns whether it is sound.
Result<bool> check_structure(AuditStore& store, std::ostream& out) {
  const auto faults = store.faults();
  if (!faults) return faults.failure();
  std::int64_t number = 0;
  for (const std::string& fault : *faults) show(out, ++number, "database: " + fault);
  return faults->empty();
}

/// Reports confirmed packets that cannot be read back. Returns whether all can be read.
bool check_journal(const Installation& installation, std::ostream& out) {
  bool sound = true;
  for (const Finding& finding : journal::examine_journal(journal_folder(installation))) {
    if (finding.severity == Severity::fine) continue;
    out << finding.part << ": " << finding.says << "; " << finding.remedy << '\n';
    sound = sound && finding.severity != Severity::fault;
  }
  return sound;
}

/// Reports the range that retention leaves to be checked.
std::string limits_of(const KeptSince& kept) {
  std::string text;
  if (!kept.all_messages())
    text += "Messages are kept since " + iso_text(std::chrono::floor<std::chrono::seconds>(kept.messages)) + ". ";
  if (!kept.all_fixes()) text += "Fixes and samples are kept since " + iso_text(kept.fixes) + ". ";
  return text.empty() ? text : text + "Older data was not checked.\n";
}

Result<AuditTotals> check_contents(AuditStore& store, std::ostream& out) {
  AuditTotals totals;
  const auto kept = store.kept_since();
  if (!kept) return kept.failure();
  out << limits_of(*kept);
  for (std::int64_t after = std::numeric_limits<std::int64_t>::min();;) {
    const auto device = store.next_device(after);
    if (!device) return device.failure();
    if (!*device) return totals;
    const DeviceNumber number = (*device)->number;
    after = number.value;
    const bool unknown = (*device)->id.empty();
    const std::string who = "device " + (unknown ? "number " + std::to_string(number.value) : (*device)->id) + ": ";
    const auto snapshot = store.snapshot(number);
    if (!snapshot) return snapshot.failure();
    if (unknown) show(out, ++totals.differences, who + "the store has rows of it, but the registry does not list it");
    const auto audited = audit_device(**snapshot, number, *kept, totals, [&](const std::string& sentence) {
      show(out, totals.differences, who + sentence);
    });
    if (!audited) return audited.failure();
  }
}

std::string audit_json(const AuditTotals& totals, bool sound, bool journal_is_sound) {
  return json_object([&](JsonWriter& json) {
    json.member("device_count", totals.devices);
    for (const Verdict verdict : {Verdict::accepted, Verdict::duplicate, Verdict::conflict, Verdict::invalid}) {
      json.begin_member_named(std::string(name_of(verdict)) + "_count");
      json.value(totals.messages.at(static_cast<std::size_t>(verdict)));
    }
    json.member("fix_count", totals.fixes);
    json.member("sample_count", totals.samples);
    json.member("difference_count", totals.differences);
    json.member("database_is_sound", sound);
    json.member("journal_is_sound", journal_is_sound);
  });
}

int run_check(const CheckOptions& options) {
  auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  const auto store = installation->audit_store();
  if (!store) return complain(store.error().detail);
  const auto sound = check_structure(**store, options.words());
  if (!sound) return complain(sound.error().detail);
  const auto totals = check_contents(**store, options.words());
  if (!totals) return complain(totals.error().detail);
  if (options.json) {
    const bool journal_is_sound = check_journal(*installation, options.words());
    std::cout << audit_json(*totals, *sound, journal_is_sound) << '\n';
    return *sound && totals->differences == 0 && journal_is_sound ? exit_success : exit_failure;
  }
  const auto count = [&](Verdict verdict) { return totals->messages.at(static_cast<std::size_t>(verdict)); };
  const std::int64_t messages =
      count(Verdict::accepted) + count(Verdict::duplicate) + count(Verdict::conflict) + count(Verdict::invalid);
  std::cout << "devices " << totals->devices << ", messages " << messages << " = " << count(Verdict::accepted)
            << " accepted + " << count(Verdict::duplicate) << " duplicate + " << count(Verdict::conflict)
            << " conflict + " << count(Verdict::invalid) << " invalid, fixes " << totals->fixes << ", samples "
            << totals->samples << '\n';
  const bool journal_is_sound = check_journal(*installation, options.words());
  if (*sound && totals->differences == 0) {
    std::cout << "All stored data follows from these messages"
              << (journal_is_sound ? ".\n" : ", but the journal is damaged: confirmed packets may be missing.\n");
    return journal_is_sound ? exit_success : exit_failure;
  }
  std::cout << counted(totals->differences, "difference") << (*sound ? "" : ", and the database is damaged")
            << (journal_is_sound ? "" : ", and the journal is damaged") << ".\n";
  return exit_failure;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand("check",
                                         "Recompute all data from the kept messages and compare it with the store. It "
                                         "changes nothing, and works while `serve` runs");
  options->add_to(*command, "Folder of the database");
  command->add_flag("--json", options->json, "Print JSON; findings go to standard error");
  command->callback([options, &chosen] { chosen = [options] { return run_check(*options); }; });
}

}  // namespace packwalk
