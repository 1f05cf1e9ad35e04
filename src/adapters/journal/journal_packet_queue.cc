#include "adapters/journal/journal_packet_queue.h"

#include <chrono>
#include <exception>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/journal/death_watch.h"
#include "adapters/journal/erase_from_journal.h"
#include "adapters/journal/journal_writer.h"
#include "adapters/journal/leftovers.h"
#include "adapters/journal/letter_writer.h"
#include "adapters/journal/segment_files.h"
#include "adapters/journal/segment_reader.h"
#include "adapters/journal/shared_uploads.h"
#include "core/packet/upload_record.h"

namespace packwalk {
namespace {

using journal::SegmentNumber;

// After a crash, uploads go through the journal for this long: an upload that crashes the process must be in the
// journal to be found, and collars send again within minutes.
constexpr std::chrono::minutes suspicious_for{10};

using UploadName = std::pair<DeviceNumber, ServerTime>;

Result<std::set<UploadName>> names_of_dead_letters(const std::string& folder) {
  std::set<UploadName> names;
  const auto read = journal::each_dead_letter(folder, [&](const journal::DeadLetter& letter) {
    names.emplace(letter.upload.device, letter.upload.received_at);
  });
  if (!read) return read.failure();
  return names;
}

Result<void> remove_old_spares(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> spares;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().string().ends_with(journal::spare_suffix)) spares.push_back(entry->path());
  }
  for (const auto& spare : spares) std::filesystem::remove(spare, error);
  if (error) return fail(Errc::unavailable, "journal: cannot read " + folder + ": " + error.message());
  return {};
}

class JournalPacketQueue final : public PacketQueue {
 public:
  JournalPacketQueue(const std::string& folder, QueueLimits limits, const DecodeUpload& decode, const TellFinding& tell)
      : decode_(decode),
        tell_(tell),
        files_(folder),
        uploads_(limits),
        letters_(folder, uploads_, tell),
        watch_(folder),
        writer_(files_, uploads_, letters_, decode, tell) {}
  JournalPacketQueue(const JournalPacketQueue&) = delete;
  JournalPacketQueue& operator=(const JournalPacketQueue&) = delete;
  ~JournalPacketQueue() override {
    close();
    if (!writing_.joinable()) return;  // it was not opened
    writing_.join();
    files_.end_current();
    writer_.free_settled();
    files_.remove_spares();
    watch_.end();
  }

  /// Reads the unsettled uploads, then starts to write.
  Result<void> open() {
    if (auto removed = remove_old_spares(files_.folder()); !removed) return removed;
    for (const DeviceNumber device : journal::devices_to_overwrite(files_.folder())) uploads_.erase(device);
    const auto dead = names_of_dead_letters(files_.folder());
    if (!dead) return dead.failure();
    Result<void> set_aside;
    auto read = journal::read_leftovers(files_, tell_, [&](const journal::SoundRecord& record, SegmentNumber number) {
      auto upload = upload_from_record(record.payload);
      if (!upload) return false;
      // It is a dead letter already, and the process ended before the journal recorded that.
      const bool is_dead = dead->contains({upload->device, upload->received_at});
      if (is_dead || uploads_.is_erased(upload->device) || upload->device == DeviceNumber{}) return true;
      std::string why = why_not_again(record);
      if (why.empty()) why = why_not_decoded(*upload);
      if (why.empty()) {
        uploads_.add_left(*std::move(upload), number);
      } else if (set_aside) {
        set_aside = letters_.write(*upload, why);
      }
      return true;
    });
    if (!read) return read;
    if (!set_aside) return set_aside;
    if (watch_.died()) uploads_.go_straight_from(std::chrono::steady_clock::now() + suspicious_for);
    note(watch_.begin(uploads_.left() > 0));
    writer_.free_settled();
    if (auto counted = writer_.count_set_aside(); !counted) return counted;
    writing_ = std::thread([this] { writer_.run(); });
    return {};
  }

  Result<void> put(Upload upload, Confirmation confirm) override {
    return uploads_.put(std::move(upload), std::move(confirm));
  }

  /// If processes crashed before they committed the left uploads, batches become smaller, to find the upload that
  /// causes it.
  UploadBatch take(std::size_t messages_max) override {
    UploadBatch batch = uploads_.take(messages_max, watch_.uploads_max());
    const bool is_suspect = !batch.uploads.empty() && watch_.uploads_max() == 1 && uploads_.left() > 0;
    if (is_suspect) take_in_hand(batch.uploads.front());
    return batch;
  }

  void settle(UploadBatch batch, const Result<void>& outcome) override {
    Result<void> kept = outcome;
    if (!kept && lies_in_upload(kept.error())) kept = letters_.write_all(batch, kept.error());
    const std::vector<Confirmation> confirmations = std::move(batch.confirmations);
    note(watch_.put_down());
    const bool was_left = uploads_.left() > 0;
    uploads_.settle(std::move(batch), kept);
    if (was_left && uploads_.left() == 0) note(watch_.all_committed());
    for (const Confirmation& confirm : confirmations) {
      if (confirm) confirm(kept);
    }
  }

  void close() override { uploads_.close(); }

  QueueDepth depth(ServerTime now) const override { return uploads_.depth(now); }

 private:
  /// The reason not to pass a left record to ingest; "" if there is none.
  std::string why_not_again(const journal::SoundRecord& record) const {
    if (!record.is_certain) return "it is behind a damaged part of a file in the journal's first format";
    return watch_.is_deadly(record.payload) ? "the server crashed each time it tried to commit it" : "";
  }

  /// Decodes it; returns the error, or "".
  std::string why_not_decoded(Upload& upload) const {
    try {
      decode_(upload);
      return "";
    } catch (const std::exception& error) {
      return std::string("it cannot be decoded: ") + error.what();
    }
  }

  void take_in_hand(const Upload& upload) {
    try {
      note(watch_.take_in_hand(record_of(upload)));
    } catch (const std::exception& error) {
      note(fail(Errc::unavailable, error.what()));
    }
  }

  void note(const Result<void>& noted) const {
    if (!noted) tell_({Severity::doubtful, "journal", noted.error().detail, ""});
  }

  const DecodeUpload decode_;
  const TellFinding tell_;
  journal::SegmentFiles files_;  // used only by the writer's thread, once it runs
  journal::SharedUploads uploads_;
  journal::LetterWriter letters_;
  journal::DeathWatch watch_;  // used only by the thread of ingest, once it runs
  journal::JournalWriter writer_;
  std::thread writing_;
};

}  // namespace

Result<std::unique_ptr<PacketQueue>> open_journal_packet_queue(const std::string& folder, QueueLimits limits,
                                                               const DecodeUpload& decode, const TellFinding& tell) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    const auto parent = std::filesystem::absolute(folder).parent_path();
    if (auto synced = journal::sync_folder(parent.string()); !synced) return synced.failure();
  }
  if (error) return fail(Errc::unavailable, "cannot make " + folder + ": " + error.message());
  try {
    auto queue = std::make_unique<JournalPacketQueue>(folder, limits, decode, tell);
    if (auto opened = queue->open(); !opened) return opened.failure();
    return queue;
  } catch (const std::exception& thrown) {
    return fail(Errc::unavailable, "journal: cannot open " + folder + ": " + thrown.what());
  }
}

}  // namespace packwalk
