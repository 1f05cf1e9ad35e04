#include "adapters/journal/journal_writer.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include "adapters/journal/erase_from_journal.h"
#include "core/packet/upload_record.h"

namespace packwalk::journal {
namespace {

// The interval of the search for requests of other processes.
constexpr std::chrono::seconds look_interval{1};

}  // namespace

JournalWriter::JournalWriter(SegmentFiles& files, SharedUploads& uploads, LetterWriter& letters, DecodeUpload decode,
                             TellFinding tell)
    : files_(files),
      uploads_(uploads),
      letters_(letters),
      decode_(std::move(decode)),
      tell_(std::move(tell)),
      set_aside_count_(files.folder()) {}

void JournalWriter::run() {
  auto look_at = std::chrono::steady_clock::now();
  while (auto group = uploads_.wait_for_arrived(look_at)) {
    if (!group->empty()) write(*group);
    if (std::chrono::steady_clock::now() < look_at) continue;
    grant_wishes();
    look_at = std::chrono::steady_clock::now() + look_interval;
  }
  uploads_.end_writing();
}

void JournalWriter::free_settled() {
  files_.free_settled([this](SegmentNumber number) { return uploads_.is_settled(number); });
}

Result<void> JournalWriter::count_set_aside() {
  const auto counted = set_aside_count_.count();
  if (!counted) return counted.failure();
  uploads_.count_set_aside(*counted);
  return {};
}

void JournalWriter::write(std::span<Arrived> rest) {
  try {
    free_settled();
  } catch (const std::exception& error) {
    tell_trouble(error.what());
  }
  while (!rest.empty()) rest = rest.subspan(write_some(rest));
}

/// Records to write together into one segment.
struct JournalWriter::Prepared {
  Segment* segment = nullptr;
  std::string records;
  std::size_t count = 0;
};

/// As many of `group` as fit into one segment and into memory, but at least one.
Result<JournalWriter::Prepared> JournalWriter::prepare(std::span<Arrived> group) {
  Prepared some;
  std::size_t whole = 0;
  try {
    std::string payload = record_of(group.front().upload);
    const auto segment = files_.with_room(record_size(payload.size()));
    if (!segment) return segment.failure();
    some.segment = *segment;
    while (some.records.size() + record_size(payload.size()) <= some.segment->room()) {
      some.segment->add_record(some.records, payload, files_.previous_end());
      whole = some.records.size();
      if (++some.count == group.size() || uploads_.was_erased(group[some.count].upload.device)) break;
      payload = record_of(group[some.count].upload);
    }
  } catch (const std::exception& error) {
    if (some.count == 0) return fail(Errc::unavailable, std::string("journal: ") + error.what());
    some.records.resize(whole);
  }
  return some;
}

/// Writes some of `group` and confirms them. Returns their number.
std::size_t JournalWriter::write_some(std::span<Arrived> group) {
  if (uploads_.was_erased(group.front().upload.device)) {
    uploads_.refuse(group.first(1), {Errc::unavailable, "the device was erased"});
    return 1;
  }
  auto some = prepare(group);
  if (!some) {
    uploads_.refuse(group.first(1), some.error());
    return 1;
  }
  const auto written = some->segment->append(some->records);
  const SegmentNumber number = some->segment->name().number;
  if (!written) {
    files_.end_current();
    uploads_.refuse(group.first(some->count), written.error());
  } else if (auto handed = uploads_.hand_on(group.first(some->count), number); !handed) {
    uploads_.refuse(group.first(some->count), handed.error());
  }
  return some->count;
}

/// Other processes send requests by files, because they share only the folder.
void JournalWriter::grant_wishes() {
  Result<void> done;
  try {
    done = overwrite_erased();
    if (done) done = take_requeued();
    if (done) done = count_set_aside();
  } catch (const std::exception& error) {
    done = fail(Errc::unavailable, std::string("journal: ") + error.what());
  }
  const std::string trouble = done ? "" : done.error().detail;
  if (!done && trouble != told_trouble_) tell_trouble(trouble);
  told_trouble_ = trouble;
}

Result<void> JournalWriter::overwrite_erased() {
  for (const DeviceNumber device : devices_to_overwrite(files_.folder())) {
    const auto no_letter_meanwhile = letters_.pause();
    uploads_.erase(device);  // from now on, its uploads are refused
    files_.remove_spares();
    if (auto done = overwrite_device(files_.folder(), device); !done) return done;
    if (auto told = tell_overwritten(files_.folder(), device); !told) return told;
    set_aside_count_.forget();
  }
  return {};
}

/// Takes one file of requeued dead letters, if there is room for it.
Result<void> JournalWriter::take_requeued() {
  const auto names = names_in(files_.folder(), requeue_suffix);
  if (!names) return names.failure();
  if (names->empty()) return {};
  // New dead letters, perhaps one of these again, go into another file, because this one will be deleted.
  const auto no_letter_meanwhile = letters_.pause();
  const std::string path = path_of(files_.folder(), names->front(), requeue_suffix);
  std::vector<Arrived> group;
  bool all = true;
  const auto whole = read_dead_letters(path, names->front(), [&](DeadLetter letter) {
    if (uploads_.was_erased(letter.upload.device)) return;
    decode_(letter.upload);
    group.push_back({std::move(letter.upload), [&all](const Result<void>& kept) { all = all && kept; }});
  });
  if (!whole) return whole.failure();
  if (!uploads_.hold_all(group)) return {};
  write(group);
  if (!all) return fail(Errc::unavailable, "journal: some letters of " + path + " could not be requeued");
  if (*whole) {
    ::unlink(path.c_str());
    return {};
  }
  const std::string aside = path_of(files_.folder(), names->front(), dead_damaged_suffix);
  ::rename(path.c_str(), aside.c_str());
  tell_({Severity::fault, "journal", path + " is damaged: some of its dead letters are unreadable",
         "it is kept as " + aside + ". Check the disk, then remove that file"});
  return {};
}

}  // namespace packwalk::journal
