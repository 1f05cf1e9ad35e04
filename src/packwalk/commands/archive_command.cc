#include "packwalk/commands/archive_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/system/system_clock.h"
#include "app/archive/verify_archive.h"
#include "base/text.h"
#include "base/time_text.h"
#include "packwalk/commands/json_lines.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

struct ArchiveCommandOptions : InstallationOptions {
  std::optional<std::string> from;
  std::optional<std::string> to;
  bool json = false;
};

/// The range of days of the command line.
struct Days {
  std::optional<Day> from;
  std::optional<Day> to;
};

/// Everything that a command needs.
struct Sides {
  ArchiveParts parts;
  std::unique_ptr<AuditStore> store;
  CopyRules copying;
  ServerTime now{};
  Days days;
};

Result<Sides> open_archive(const ArchiveCommandOptions& options, const Days& days) {
  auto installation = Installation::open(options);
  if (!installation) return installation.failure();
  auto parts = installation->archive();
  if (!parts) return parts.failure();
  auto audit = installation->audit_store_without_archive();
  if (!audit) return audit.failure();
  const CopyRules& copying = installation->config().archive.copying;
  return Sides{*std::move(parts), *std::move(audit), copying, make_system_clock()->now(), days};
}

std::string day_text(Day day) { return iso_text(DeviceTime(day)).substr(0, 10); }

Result<std::optional<Day>> day_from(const char* name, const std::optional<std::string>& text) {
  if (!text) return std::optional<Day>();
  const auto day = day_from_text(*text);
  if (!day) return fail(Errc::invalid_input, std::string(name) + ": " + *text + " is not a day such as 2026-01-31");
  return std::optional(Day(*day));
}

Result<Days> days_of(const ArchiveCommandOptions& options, const char* name_of_to) {
  const auto from = day_from("--from", options.from);
  if (!from) return from.failure();
  const auto to = day_from(name_of_to, options.to);
  if (!to) return to.failure();
  if (*from && *to && **to < **from) return fail(Errc::invalid_input, "--to is before --from");
  return Days{*from, *to};
}

/// Of the requested days of arrival; by default from the first day to yesterday.
DayRange days_of(const Sides& sides) {
  return {sides.days.from.value_or(Day{}), sides.days.to.value_or(day_of(sides.now))};
}

std::string said(const DayComparison& day) {
  std::string text = day_text(day.day()) + ": ";
  if (day.store.messages == day.archive.messages) {
    text += counted(day.store.messages, "message") + " on both sides";
    return day.equal() ? text : text + ", but the messages differ";
  }
  return text + counted(day.store.messages, "message") + " committed, " + std::to_string(day.archive.messages) +
         " in the archive";
}

Result<int> print_status(const ArchiveCommandOptions& options, Sides& sides) {
  const auto backlog = sides.parts.source->backlog();
  if (!backlog) return backlog.failure();
  const auto until = sides.parts.source->archive_only_until();
  if (!until) return until.failure();
  const auto answered = sides.parts.archive->messages(DeviceNumber{}, std::nullopt, {}, 1);
  if (options.json) {
    if (!answered) return answered.failure();
    std::optional<std::string> archive_only_until;
    if (*until) archive_only_until = day_text(day_of(**until));
    std::cout << json_object([&](JsonWriter& json) {
      json.member("message_count", backlog->messages);
      json.member("oldest_received_at", backlog->oldest);
      json.member("archive_only_until", archive_only_until);
    }) << '\n';
    return exit_success;
  }
  std::cout << "messages that wait to be copied: " << backlog->messages << '\n';
  if (backlog->oldest) {
    std::cout << "the oldest arrived: " << iso_text(*backlog->oldest) << '\n';
  }
  if (*until) std::cout << "only in the archive: messages that arrived before " << day_text(day_of(**until)) << '\n';
  if (!answered) return answered.failure();
  std::cout << "the archive answers\n";
  return exit_success;
}

Result<int> verify(const ArchiveCommandOptions& options, Sides& sides) {
  const auto days = compare_days(*sides.store, *sides.parts.source, *sides.parts.archive, days_of(sides));
  if (!days) return days.failure();
  std::int64_t messages = 0;
  std::int64_t different = 0;
  JsonLines array;
  for (const DayComparison& day : *days) {
    messages += day.store.messages;
    if (!day.equal()) ++different;
    if (!options.json) {
      std::cout << said(day) << '\n';
      continue;
    }
    std::cout << array.next() << json_object([&](JsonWriter& json) {
      json.member("day", day_text(day.day()));
      json.member("committed_count", day.store.messages);
      json.member("archived_count", day.archive.messages);
      json.member("equal", day.equal());
    });
  }
  if (options.json) {
    std::cout << array.end();
    return different == 0 ? exit_success : exit_failure;
  }
  if (different == 0) {
    const std::string of_days = " of " + counted(static_cast<std::int64_t>(days->size()), "day");
    std::cout << (messages == 1 ? "The 1 message" + of_days + " is"
                                : "All " + std::to_string(messages) + " messages" + of_days + " are")
              << " in the archive.\n";
    return exit_success;
  }
  std::cout << different << " of " << counted(days->size(), "day differs", "days differ") << ".\n";
  const auto backlog = sides.parts.source->backlog();
  if (!backlog) return backlog.failure();
  if (backlog->messages > 0)
    std::cout << counted(backlog->messages, "message waits", "messages wait") << " to be copied.\n";
  std::cout << "Repair these days with `packwalk archive repair`.\n";
  return exit_failure;
}

/// A copy whose transaction was given up can still write rows of a device that was erased meanwhile.
Result<void> delete_erased(ArchiveParts& parts) {
  const auto erased = parts.source->erased();
  if (!erased) return erased.failure();
  for (const DeviceNumber device : *erased) {
    const auto rows = parts.archive->count(device);
    if (!rows) return rows.failure();
    if (*rows == 0) continue;
    if (auto gone = parts.archive->erase(device); !gone) return gone;
    std::cout << counted(*rows, "row") << " of an erased device deleted\n";
  }
  return {};
}

Result<int> repair(const ArchiveCommandOptions& /*options*/, Sides& sides) {
  const auto days = compare_days(*sides.store, *sides.parts.source, *sides.parts.archive, days_of(sides));
  if (!days) return days.failure();
  if (std::all_of(days->begin(), days->end(), [](const DayComparison& day) { return day.equal(); }))
    return exit_success;
  if (auto deleted = delete_erased(sides.parts); !deleted) return deleted.failure();
  std::int64_t unmended = 0;
  for (const DayComparison& day : *days) {
    if (day.equal()) continue;
    std::cout << said(day) << '\n';
    const auto copied = sides.parts.source->copy_day(
        day.day(), sides.copying.piece,
        [&](std::span<const Original> originals) { return sides.parts.archive->keep(originals); });
    if (!copied) return copied.failure();
    const DayRange one{day.day(), day.day() + std::chrono::days(1)};
    const auto again = compare_days(*sides.store, *sides.parts.source, *sides.parts.archive, one);
    if (!again) return again.failure();
    const bool equal = again->empty() || again->front().equal();
    if (!equal) ++unmended;
    std::cout << "  " << counted(*copied, "message")
              << " copied again: " << (equal ? "both sides are equal" : "they still differ") << '\n';
  }
  if (unmended == 0) return exit_success;
  std::cout << counted(unmended, "day still differs", "days still differ")
            << ". If packets of these days arrive now, try again later. If the archive lacks messages that were "
            << "dropped from the store, restore ClickHouse from a replica or a backup.\n";
  return exit_failure;
}

Result<int> drop(const ArchiveCommandOptions& /*options*/, Sides& sides) {
  const Day before = days_of(sides).until;
  const auto days = sides.parts.source->days();
  if (!days) return days.failure();
  for (const Day day : *days) {
    if (day >= std::min(before, day_of(sides.now))) break;
    const auto proof = prove_day(*sides.store, *sides.parts.source, *sides.parts.archive, day, sides.now);
    if (!proof) return proof.failure();
    if (proof->store.messages == 0) continue;
    if (!proof->proven) {
      std::cout << day_text(day) << " stays: " << proof->reason << '\n';
      return exit_failure;
    }
    const auto dropped = sides.parts.source->drop(proof->store, proof->copied_at);
    if (!dropped) return dropped.failure();
    if (!*dropped) {
      std::cout << day_text(day) << " stays: packets of that day were committed a moment ago. Try again later\n";
      return exit_failure;
    }
    std::cout << day_text(day) << ": " << counted(proof->store.messages, "message is", "messages are")
              << " only in the archive\n";
  }
  return exit_success;
}

int run_archive(const ArchiveCommandOptions& options, Result<int> (*act)(const ArchiveCommandOptions&, Sides&)) {
  const auto days = days_of(options, act == drop ? "--before" : "--to");
  if (!days) return complain_of_usage(days.error().detail);
  auto sides = open_archive(options, *days);
  if (!sides) return complain(sides.error().detail);
  const auto code = act(options, *sides);
  return code ? *code : complain(code.error().detail);
}

}  // namespace

void add_archive(CLI::App& app, Chosen& chosen) {
  CLI::App* archive =
      app.add_subcommand("archive", "Copy, verify, repair and drop original messages, with the archive in ClickHouse");
  archive->require_subcommand(1);
  auto options = std::make_shared<ArchiveCommandOptions>();
  const auto action = [&](const char* name, const char* help, auto act) {
    CLI::App* command = archive->add_subcommand(name, help);
    options->add_to(*command, "Folder whose packwalk.toml names the archive");
    command->callback([options, act, &chosen] { chosen = [options, act] { return run_archive(*options, act); }; });
    return command;
  };
  const auto with_range = [&](CLI::App* command) {
    command->add_option("--from", options->from, "From this day of arrival on (2026-01-31, UTC) [the first day]");
    command->add_option("--to", options->to, "Up to, not including, this day [today]");
  };
  action("status", "Print how many messages wait to be copied, and whether the archive answers", print_status)
      ->add_flag("--json", options->json, "Print JSON");
  CLI::App* verifying =
      action("verify", "Compare the counts and hashes of each day's messages in the store and the archive", verify);
  with_range(verifying);
  verifying->add_flag("--json", options->json, "Print JSON");
  with_range(action(
      "repair",
      "Copy the messages of each differing day to the archive once more, and delete messages of erased devices there",
      repair));
  action("drop",
         "Drop days from PostgreSQL, the oldest first, up to the first one that is not proven to be in the archive",
         drop)
      ->add_option("--before", options->to, "Up to, not including, this day (2026-01-31, UTC)")
      ->required();
}

}  // namespace packwalk
