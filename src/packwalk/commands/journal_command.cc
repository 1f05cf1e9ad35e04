#include "packwalk/commands/journal_command.h"

#include <filesystem>
#include <iostream>
#include <optional>

#include "adapters/journal/damaged_files.h"
#include "adapters/journal/dead_letters.h"
#include "adapters/journal/erase_from_journal.h"
#include "adapters/journal/segment_reader.h"
#include "base/text.h"
#include "base/time_text.h"
#include "packwalk/commands/csv_field.h"
#include "packwalk/commands/json_lines.h"
#include "packwalk/commands/subcommand.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds patience_with_server{60};

bool has_journal(const Installation& installation) {
  std::error_code ignored;
  return std::filesystem::is_directory(journal_folder(installation), ignored);
}

/// Whether a server has locked the folder, so that `mine` could not.
Result<bool> is_served(DataDirectory& mine) {
  auto locked = mine.lock();
  if (!locked && locked.error().code != Errc::conflict) return locked.failure();
  return !locked;
}

/// Requests in the segments and requeued dead letters. Committed requests count until their file is deleted.
Result<std::size_t> requests_in(const std::string& folder) {
  const auto requeued = journal::count_requeued_letters(folder);
  if (!requeued) return requeued.failure();
  std::size_t count = *requeued;
  const auto names = journal::names_in(folder);
  if (!names) return names.failure();
  for (const journal::SegmentName& name : *names) {
    const auto file = journal::read_file(journal::path_of(folder, name));
    if (!file && file.error().code == Errc::not_found) continue;  // the server deleted it meanwhile
    if (!file) return file.failure();
    static_cast<void>(journal::read_records(*file, name, [&](const journal::SoundRecord&) { ++count; }));
  }
  return count;
}

int print(const Result<std::size_t>& count, const char* one, const char* many) {
  if (!count) return complain(count.error().detail);
  std::cout << counted(static_cast<std::int64_t>(*count), one, many) << '\n';
  return exit_success;
}
int print_gone(const Result<std::size_t>& requests) {
  return print(requests, "request was deleted", "requests were deleted");
}

}  // namespace

std::string journal_folder(const Installation& installation) { return installation.path_of("queue"); }

Result<void> erase_from_journal(const Installation& installation, DeviceNumber device) {
  if (!has_journal(installation)) return {};
  const std::string folder = journal_folder(installation);
  DataDirectory mine = DataDirectory::existing(installation.data());
  // If the queue is at a broker, the journal is an old one that no server has open.
  const auto served = installation.config().queue.is_embedded() ? is_served(mine) : Result<bool>(false);
  if (!served) return served.failure();
  if (*served) return journal::ask_to_overwrite_device(folder, device, patience_with_server);
  return journal::overwrite_device(folder, device);
}

Result<void> find_journal(const Installation& installation) {
  // A folder where devices were added but no server has run.
  std::error_code ignored;
  if (has_journal(installation) || std::filesystem::exists(installation.path_of("packwalk.db"), ignored)) return {};
  return fail(Errc::not_found, "there is no " + journal_folder(installation) + ". Check --data");
}

int show_journal_status(const Installation& installation, bool json) {
  const std::string folder = journal_folder(installation);
  std::size_t requests = 0;
  std::size_t dead = 0;
  std::size_t damaged = 0;
  if (has_journal(installation)) {
    const auto counted = requests_in(folder);
    if (!counted) return complain(counted.error().detail);
    const auto letters = journal::each_dead_letter(folder, [](const journal::DeadLetter&) {});
    if (!letters) return complain(letters.error().detail);
    const auto files = journal::damaged_files_in(folder);
    if (!files) return complain(files.error().detail);
    requests = *counted;
    dead = *letters;
    damaged = files->size();
  }
  if (json) {
    std::cout << json_object([&](JsonWriter& status) {
      status.member("queue", folder);
      status.member("request_count", requests);
      status.member("dead_letter_count", dead);
      status.member("damaged_file_count", damaged);
    }) << '\n';
    return exit_success;
  }
  std::cout << "queue: " << folder
            << "\nmessages that wait: a running server has them in /metrics (packwalk_queue_messages); of a stopped "
               "server, the next start commits them"
            << "\nrequests in its files (also committed ones, until their file is deleted): " << requests
            << "\ndead letters: " << dead << "\ndamaged files: " << damaged << '\n';
  return exit_success;
}

int list_dead_letters(const Installation& installation, bool json) {
  JsonLines array;
  if (!json) std::cout << "device_number,received_at,transport,bytes,reason\n";
  const auto listed = journal::each_dead_letter(journal_folder(installation), [&](const journal::DeadLetter& letter) {
    const Upload& upload = letter.upload;
    if (json) {
      std::cout << array.next() << json_object([&](JsonWriter& object) {
        object.member("device_number", upload.device.value);
        object.member("received_at", upload.received_at);
        object.member("transport", name_of(upload.transport));
        object.member("bytes", upload.body.size());
        object.member("reason", letter.why);
      });
      return;
    }
    std::cout << upload.device.value << ',' << iso_text(upload.received_at) << ',' << name_of(upload.transport) << ','
              << upload.body.size() << ',' << csv_field(for_terminal(letter.why)) << '\n';
  });
  if (listed && json) std::cout << array.end();
  return listed ? exit_success : complain(listed.error().detail);
}

int requeue_dead_letters(const Installation& installation) {
  return print(journal::requeue_dead_letters(journal_folder(installation)),
               "dead letter will be requeued: within a second if a server runs, otherwise when it starts",
               "dead letters will be requeued: within a second if a server runs, otherwise when it starts");
}

int purge_journal(const Installation& installation, bool dead) {
  const std::string folder = journal_folder(installation);
  if (dead) {
    return print(journal::purge_dead_letters(folder), "dead letter was deleted", "dead letters were deleted");
  }
  if (!has_journal(installation)) return print_gone(std::size_t{0});
  DataDirectory mine = DataDirectory::existing(installation.data());
  const auto served = is_served(mine);
  if (!served) return complain(served.error().detail);
  if (*served) return complain("a server uses " + folder + ". Stop it first");
  const auto count = requests_in(folder);
  const auto names = journal::names_in(folder);
  if (!count || !names) return complain((count ? names.error() : count.error()).detail);
  for (const journal::SegmentName& name : *names) {
    std::error_code error;
    std::filesystem::remove(journal::path_of(folder, name), error);
    if (error) return complain("cannot remove " + journal::path_of(folder, name) + ": " + error.message());
  }
  if (const auto requeued = journal::purge_requeued_letters(folder); !requeued) {
    return complain(requeued.error().detail);
  }
  return print_gone(count);
}

}  // namespace packwalk
