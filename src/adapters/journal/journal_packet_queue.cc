#include "adapters/journal/journal_packet_queue.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <limits>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <utility>

#include "adapters/journal/dead_letters.h"
#include "adapters/journal/death_watch.h"
#include "adapters/journal/erase_from_journal.h"
#include "adapters/journal/leftovers.h"
#include "adapters/journal/segment_files.h"
#include "adapters/journal/segment_reader.h"
#include "adapters/journal/set_aside_count.h"
#include "adapters/journal/waiting_uploads.h"
#include "base/time_text.h"
#include "ports/upload_record.h"

namespace packwalk {
namespace {

using journal::Arrived;
using journal::SegmentFiles;
using journal::SegmentNumber;

constexpr std::size_t busy_uploads = 32;  // so many wait: ingest gathers more, as larger commits write fewer pages
constexpr std::chrono::milliseconds gather_pause{100};
constexpr std::chrono::milliseconds retry_pause_min{100};
constexpr std::chrono::milliseconds retry_pause_max{5000};
// Only the next put can show that the disk has room again, so who asks whether we work must hear yes after a while.
constexpr std::chrono::seconds refusal_remembered{10};
// How often the folder is searched for what other processes wish.
constexpr std::chrono::seconds look_interval{1};
// After a process that died nothing goes straight to ingest for so long: what kills it must stand in the journal to be
// found out, and collars send again within minutes.
constexpr std::chrono::minutes suspicious_for{10};

class JournalPacketQueue final : public PacketQueue {
 public:
  JournalPacketQueue(const std::string& folder, QueueLimits limits, DecodeUpload decode, TellFinding tell)
      : limits_(limits),
        decode_(std::move(decode)),
        tell_(std::move(tell)),
        files_(folder),
        dead_(folder),
        watch_(folder),
        set_aside_count_(folder),
        waiting_(limits) {}
  ~JournalPacketQueue() override {
    close();
    if (!writer_.joinable()) return;  // it was not opened
    writer_.join();
    files_.end_current();
    free_settled();
    files_.remove_spares();
    watch_.end();
  }

  /// Reads back what was not settled, then starts to write.
  Result<void> open() {
    if (auto removed = remove_old_spares(); !removed) return removed;
    for (const DeviceNumber device : journal::devices_to_overwrite(files_.folder())) erased_.insert(device);
    const auto dead = names_of_dead_letters();
    if (!dead) return dead.failure();
    Result<void> set_aside;
    auto read = journal::read_leftovers(files_, tell_, [&](const journal::SoundRecord& record, SegmentNumber number) {
      auto upload = upload_from_record(record.payload);
      if (!upload) return false;
      if (erased_.contains(upload->device) || upload->device == DeviceNumber{}) return true;
      // It died already, and the process ended before the journal knew that.
      if (dead->contains({upload->device, upload->received_at})) return true;
      if (const std::string why = why_not_again(record); !why.empty()) {
        if (set_aside) set_aside = set_aside_one(*upload, why);
        return true;
      }
      if (const std::string why = why_not_decoded(*upload); !why.empty()) {
        if (set_aside) set_aside = set_aside_one(*upload, why);
        return true;
      }
      waiting_.add_left(*std::move(upload), number);
      return true;
    });
    if (!read) return read;
    if (!set_aside) return set_aside;
    if (watch_.died()) straight_from_ = std::chrono::steady_clock::now() + suspicious_for;
    if (auto begun = watch_.begin(waiting_.left() > 0); !begun) tell_trouble(begun.error());
    free_settled();
    if (auto counted = count_set_aside(); !counted) return counted;
    writer_ = std::thread([this] { write_until_closed(); });
    return {};
  }

  Result<void> put(Upload upload, Confirmation confirm) override {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return fail(Errc::unavailable, "the server is stopping");
      if (failing_) return fail(Errc::unavailable, "the store fails");
      if (erased_.contains(upload.device)) return fail(Errc::unavailable, "the device was erased");
      if (auto room = waiting_.has_room_for(upload); !room) return room;
      // The commit itself makes it safe, sooner than the journal and the commit one after the other would.
      const bool straight = idle_ && waiting_.depth().uploads == 0 && may_go_straight();
      try {
        if (straight) {
          waiting_.add_ready(std::move(upload), journal::no_segment, std::move(confirm));
          ready_changed_.notify_one();
          return {};
        }
        waiting_.add_arrived(std::move(upload), std::move(confirm));
      } catch (const std::bad_alloc&) {
        return fail(Errc::unavailable, "there is no memory for another upload");
      }
    }
    arrived_changed_.notify_one();
    return {};
  }

  UploadBatch take(std::size_t messages_max) override {
    std::unique_lock lock(mutex_);
    if (failing_) {
      ready_changed_.wait_for(lock, retry_pause_, [this] { return drained(); });
      if (closed_) return {};  // what waits is in the journal
    }
    idle_ = true;
    ready_changed_.wait(lock, [this] { return !waiting_.empty() || drained(); });
    idle_ = false;
    if (waiting_.size() >= busy_uploads && waiting_.left() == 0) {
      ready_changed_.wait_for(lock, gather_pause, [&] {
        return closed_ || waiting_.depth().messages >= std::min(messages_max, limits_.messages_max / 2);
      });
    }
    UploadBatch batch = waiting_.take(messages_max, uploads_max());
    const bool is_suspect = uploads_max() == 1 && !batch.uploads.empty();
    lock.unlock();
    if (is_suspect) take_in_hand(batch.uploads.front());
    return batch;
  }

  void settle(UploadBatch batch, const Result<void>& outcome) override {
    Result<void> kept = outcome;
    if (!kept && lies_in_upload(kept.error())) kept = set_aside(batch, kept.error());
    const std::vector<Confirmation> confirmations = std::move(batch.confirmations);
    note(watch_.put_down());
    bool left_is_committed = false;
    {
      const std::lock_guard lock(mutex_);
      const bool was_left = waiting_.left() > 0;
      if (kept) {
        forget(batch);
      } else {
        give_back(std::move(batch));
      }
      left_is_committed = was_left && waiting_.left() == 0;
    }
    if (left_is_committed) note(watch_.all_committed());
    for (const Confirmation& confirm : confirmations) {
      if (confirm) confirm(kept);
    }
  }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    arrived_changed_.notify_all();
    ready_changed_.notify_all();
  }

  QueueDepth depth(ServerTime now) const override {
    const std::lock_guard lock(mutex_);
    QueueDepth depth = waiting_.depth();
    depth.failing = failing_ || (refused_at_ && std::chrono::steady_clock::now() - *refused_at_ < refusal_remembered);
    depth.dead = set_aside_;
    depth.set_aside = in_folder_;
    const Upload* oldest = waiting_.oldest();
    if (oldest && now > oldest->received_at) depth.oldest_age = now - oldest->received_at;
    return depth;
  }

 private:
  using UploadName = std::pair<DeviceNumber, ServerTime>;

  bool drained() const { return closed_ && written_all_; }
  bool may_go_straight() const { return !straight_from_ || std::chrono::steady_clock::now() >= *straight_from_; }
  /// Processes died before what was left to them was committed: then it is given out in ever smaller batches, so that
  /// it is known of which of it they die.
  std::size_t uploads_max() const {
    return waiting_.left() > 0 ? watch_.uploads_max() : std::numeric_limits<std::size_t>::max();
  }

  void forget(const UploadBatch& batch) {
    failing_ = false;
    retry_pause_ = retry_pause_min;
    const auto straight = std::find(batch.tags.begin(), batch.tags.end(), journal::no_segment);
    if (straight != batch.tags.end()) refused_at_.reset();  // the disk has room again
    waiting_.settle(batch);
  }

  void give_back(UploadBatch batch) {
    if (failing_) retry_pause_ = std::min(retry_pause_ * 2, retry_pause_max);
    waiting_.give_back(std::move(batch));
    if (waiting_.empty()) {
      refused_at_ = std::chrono::steady_clock::now();
    } else {
      failing_ = true;
    }
  }

  /// Makes dead letters of a batch: on disk before the journal lets go of it, and before a sender is told.
  Result<void> set_aside(const UploadBatch& batch, const Error& why) {
    for (const Upload& upload : batch.uploads) {
      if (auto done = set_aside_one(upload, why.detail); !done) {
        return fail(Errc::unavailable, why.detail + "; and it cannot be set aside: " + done.error().detail);
      }
    }
    return {};
  }

  Result<void> set_aside_one(const Upload& upload, const std::string& why) {
    const std::lock_guard lock(dead_mutex_);
    {
      const std::lock_guard also(mutex_);
      if (erased_.contains(upload.device)) return {};
    }
    Result<void> done;
    try {
      done = dead_.add(upload, why);
    } catch (const std::exception& error) {
      done = fail(Errc::unavailable, error.what());
    }
    if (done) {
      {
        const std::lock_guard also(mutex_);
        ++set_aside_;
      }
      tell_({Severity::doubtful, "dead letters",
             "an upload of device number " + std::to_string(upload.device.value) + " of " +
                 iso_text(std::chrono::floor<std::chrono::seconds>(upload.received_at)) +
                 " cannot be committed and is set aside: " + why,
             "`packwalk queue list` shows it, `packwalk queue requeue-dead` puts it into the queue again"});
    }
    return done;
  }

  /// Why a record that was left must not be given out; "" when it may.
  std::string why_not_again(const journal::SoundRecord& record) const {
    if (!record.is_certain) return "it stood behind a damaged place of a file of the journal's first format";
    return watch_.is_deadly(record.payload) ? "the server died each time when it was to be committed" : "";
  }

  /// Decodes it; "" if that went well.
  std::string why_not_decoded(Upload& upload) const {
    try {
      decode_(upload);
      return "";
    } catch (const std::exception& error) {
      return std::string("it cannot be decoded: ") + error.what();
    }
  }

  Result<std::set<UploadName>> names_of_dead_letters() const {
    std::set<UploadName> names;
    const auto read = journal::each_dead_letter(files_.folder(), [&](const journal::DeadLetter& letter) {
      names.emplace(letter.upload.device, letter.upload.received_at);
    });
    if (!read) return read.failure();
    return names;
  }

  void take_in_hand(const Upload& upload) {
    try {
      note(watch_.take_in_hand(record_of(upload)));
    } catch (const std::exception& error) {
      tell_trouble({Errc::unavailable, error.what()});
    }
  }

  void note(const Result<void>& noted) {
    if (!noted) tell_trouble(noted.error());
  }

  void tell_trouble(const Error& error) { tell_({Severity::doubtful, "journal", error.detail, ""}); }

  void write_until_closed() {
    std::unique_lock lock(mutex_);
    auto look_at = std::chrono::steady_clock::now();
    while (true) {
      arrived_changed_.wait_until(lock, look_at, [this] { return closed_ || waiting_.has_arrived(); });
      if (closed_ && !waiting_.has_arrived()) break;
      std::vector<Arrived> group = waiting_.take_arrived();
      lock.unlock();
      if (!group.empty()) write(group);
      if (std::chrono::steady_clock::now() >= look_at) {
        look_for_wishes();
        look_at = std::chrono::steady_clock::now() + look_interval;
      }
      lock.lock();
    }
    written_all_ = true;
    lock.unlock();
    ready_changed_.notify_all();
  }

  void write(std::span<Arrived> rest) {
    try {
      free_settled();
    } catch (const std::exception& error) {
      tell_trouble({Errc::unavailable, error.what()});
    }
    while (!rest.empty()) rest = rest.subspan(write_some(rest));
  }

  /// Records that will be written together into one segment.
  struct Prepared {
    journal::Segment* segment = nullptr;
    std::string records;
    std::size_t count = 0;
  };

  /// As many of `group` as fit into one segment and into memory, one at least.
  Result<Prepared> prepare(std::span<Arrived> group) {
    Prepared some;
    std::size_t whole = 0;
    try {
      std::string payload = record_of(group.front().upload);
      const auto segment = files_.with_room(journal::record_size(payload.size()));
      if (!segment) return segment.failure();
      some.segment = *segment;
      while (some.records.size() + journal::record_size(payload.size()) <= some.segment->room()) {
        some.segment->add_record(some.records, payload, files_.previous_end());
        whole = some.records.size();
        if (++some.count == group.size() || is_erased(group[some.count].upload.device)) break;
        payload = record_of(group[some.count].upload);
      }
    } catch (const std::exception& error) {
      if (some.count == 0) return fail(Errc::unavailable, std::string("journal: ") + error.what());
      some.records.resize(whole);
    }
    return some;
  }

  /// Writes some of `group`; tells their senders. Returns how many.
  std::size_t write_some(std::span<Arrived> group) {
    if (is_erased(group.front().upload.device)) {
      refuse(group.first(1), {Errc::unavailable, "the device was erased"});
      return 1;
    }
    auto some = prepare(group);
    if (!some) {
      refuse(group.first(1), some.error());
      return 1;
    }
    const auto written = some->segment->append(some->records);
    const SegmentNumber number = some->segment->name().number;
    if (!written) {
      files_.end_current();
      refuse(group.first(some->count), written.error());
    } else if (auto handed = hand_on(group.first(some->count), number); !handed) {
      refuse(group.first(some->count), handed.error());
    }
    return some->count;
  }

  void refuse(std::span<Arrived> group, const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      refused_at_ = std::chrono::steady_clock::now();
      waiting_.remove(group);
    }
    for (const Arrived& each : group) each.confirm(Failure(error));
  }

  /// On an error none of them was handed on.
  Result<void> hand_on(std::span<Arrived> group, SegmentNumber number) {
    {
      const std::lock_guard lock(mutex_);
      try {
        waiting_.hand_on(group, number);
      } catch (const std::bad_alloc&) {
        return fail(Errc::unavailable, "there is no memory for another upload");
      }
    }
    ready_changed_.notify_one();
    for (const Arrived& each : group) each.confirm({});
    return {};
  }

  /// Of the writer's thread, which alone changes what is looked at.
  bool is_erased(DeviceNumber device) const { return erased_.contains(device); }

  void free_settled() {
    files_.free_settled([this](SegmentNumber number) {
      const std::lock_guard lock(mutex_);
      return waiting_.is_settled(number);
    });
  }

  /// What other processes have asked for: by files, as the folder is all that they share with this one.
  void look_for_wishes() {
    Result<void> done;
    try {
      done = overwrite_erased();
      if (done) done = take_requeued();
      if (done) done = count_set_aside();
    } catch (const std::exception& error) {
      done = fail(Errc::unavailable, std::string("journal: ") + error.what());
    }
    const std::string trouble = done ? "" : done.error().detail;
    if (!done && trouble != told_trouble_) tell_trouble(done.error());
    told_trouble_ = trouble;
  }

  Result<void> count_set_aside() {
    const auto counted = set_aside_count_.count();
    if (!counted) return counted.failure();
    const std::lock_guard lock(mutex_);
    in_folder_ = *counted;
    return {};
  }

  Result<void> overwrite_erased() {
    for (const DeviceNumber device : journal::devices_to_overwrite(files_.folder())) {
      const std::lock_guard no_dead_letter_meanwhile(dead_mutex_);
      {
        const std::lock_guard lock(mutex_);
        erased_.insert(device);  // what of it is on its way here is refused from now on
      }
      files_.remove_spares();
      if (auto done = journal::overwrite_device(files_.folder(), device); !done) return done;
      if (auto told = journal::tell_overwritten(files_.folder(), device); !told) return told;
      set_aside_count_.forget();
    }
    return {};
  }

  /// All of them, if there is room.
  bool hold_all(std::span<const Arrived> group) {
    const std::lock_guard lock(mutex_);
    const QueueDepth& all = waiting_.depth();
    if (failing_ || all.messages > limits_.messages_max / 2 || all.bytes > limits_.bytes_max / 2) return false;
    return waiting_.hold_all(group);
  }

  /// One file of dead letters that an operator has requeued, when there is room for it.
  Result<void> take_requeued() {
    const auto names = journal::names_in(files_.folder(), journal::requeue_suffix);
    if (!names) return names.failure();
    if (names->empty()) return {};
    // What dies from here on, one of these again perhaps, goes into another file than this, which is about to go.
    const std::lock_guard no_dead_letter_meanwhile(dead_mutex_);
    const std::string path = journal::path_of(files_.folder(), names->front(), journal::requeue_suffix);
    std::vector<Arrived> group;
    bool all = true;
    const auto whole = journal::read_dead_letters(path, names->front(), [&](journal::DeadLetter letter) {
      if (is_erased(letter.upload.device)) return;
      decode_(letter.upload);
      group.push_back({std::move(letter.upload), [&all](const Result<void>& kept) { all = all && kept; }});
    });
    if (!whole) return whole.failure();
    if (!hold_all(group)) return {};
    write(group);
    if (!all) return fail(Errc::unavailable, "journal: not all of " + path + " could be put into the queue again");
    if (*whole) {
      ::unlink(path.c_str());
      return {};
    }
    const std::string aside = journal::path_of(files_.folder(), names->front(), journal::dead_damaged_suffix);
    ::rename(path.c_str(), aside.c_str());
    tell_({Severity::fault, "journal", path + " is damaged: not all of its dead letters can be read",
           "it is kept as " + aside + "; check the disk, then remove that file"});
    return {};
  }

  Result<void> remove_old_spares() const {
    std::error_code error;
    std::vector<std::filesystem::path> spares;
    for (std::filesystem::directory_iterator entry(files_.folder(), error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().string().ends_with(journal::spare_suffix)) spares.push_back(entry->path());
    }
    for (const auto& spare : spares) std::filesystem::remove(spare, error);
    if (error) return fail(Errc::unavailable, "journal: cannot read " + files_.folder() + ": " + error.message());
    return {};
  }

  const QueueLimits limits_;
  const DecodeUpload decode_;
  const TellFinding tell_;
  SegmentFiles files_;        // of the writer's thread, once it runs
  std::string told_trouble_;  // likewise

  std::mutex dead_mutex_;      // locked before mutex_
  journal::DeadLetters dead_;  // guarded by dead_mutex_

  journal::DeathWatch watch_;                                           // of the thread of ingest, once it runs
  std::optional<std::chrono::steady_clock::time_point> straight_from_;  // not before; none: always

  journal::SetAsideCount set_aside_count_;  // of the writer's thread, once it runs

  mutable std::mutex mutex_;
  std::condition_variable arrived_changed_;
  std::condition_variable ready_changed_;
  journal::WaitingUploads waiting_;  // guarded by mutex_, like all below
  std::set<DeviceNumber> erased_;    // while this process runs; changed by the writer's thread
  std::size_t set_aside_ = 0;
  QueueDepth::SetAside in_folder_;  // as it was counted last
  std::chrono::milliseconds retry_pause_ = retry_pause_min;
  bool failing_ = false;                                             // the last batch could not be committed
  bool idle_ = false;                                                // the consumer waits
  std::optional<std::chrono::steady_clock::time_point> refused_at_;  // when the last write failed
  bool closed_ = false;
  bool written_all_ = false;

  std::thread writer_;
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
