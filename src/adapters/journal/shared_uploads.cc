#include "adapters/journal/shared_uploads.h"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace packwalk::journal {
namespace {

constexpr std::size_t busy_uploads =
    32;  // while at least this many wait, ingest gathers more, because larger commits write fewer pages
constexpr std::chrono::milliseconds gather_pause{100};
constexpr std::chrono::milliseconds retry_pause_min{100};
constexpr std::chrono::milliseconds retry_pause_max{5000};
// Only the next put can show that the disk has room again, so readiness must recover after a while.
constexpr std::chrono::seconds refusal_remembered{10};

Failure no_memory() { return fail(Errc::unavailable, "out of memory for another upload"); }

}  // namespace

SharedUploads::SharedUploads(QueueLimits limits) : limits_(limits), waiting_(limits), retry_pause_(retry_pause_min) {}

Result<void> SharedUploads::put(Upload upload, Confirmation confirm) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return fail(Errc::unavailable, "the server is stopping");
    if (failing_) return fail(Errc::unavailable, "the store fails");
    if (erased_.contains(upload.device)) return fail(Errc::unavailable, "the device was erased");
    if (auto room = waiting_.has_room_for(upload); !room) return room;
    // The commit itself makes it durable, faster than the journal and then the commit.
    const bool straight = idle_ && waiting_.depth().uploads == 0 && may_go_straight();
    try {
      if (straight) {
        waiting_.add_ready(std::move(upload), no_segment, std::move(confirm));
        ready_changed_.notify_one();
        return {};
      }
      waiting_.add_arrived(std::move(upload), std::move(confirm));
    } catch (const std::bad_alloc&) {
      return no_memory();
    }
  }
  arrived_changed_.notify_one();
  return {};
}

QueueDepth SharedUploads::depth(ServerTime now) const {
  const std::lock_guard lock(mutex_);
  QueueDepth depth = waiting_.depth();
  depth.failing = failing_ || (refused_at_ && std::chrono::steady_clock::now() - *refused_at_ < refusal_remembered);
  depth.dead = dead_;
  depth.set_aside = in_folder_;
  const Upload* oldest = waiting_.oldest();
  if (oldest && now > oldest->received_at) depth.oldest_age = now - oldest->received_at;
  return depth;
}

std::size_t SharedUploads::left() const {
  const std::lock_guard lock(mutex_);
  return waiting_.left();
}

bool SharedUploads::is_erased(DeviceNumber device) const {
  const std::lock_guard lock(mutex_);
  return erased_.contains(device);
}

void SharedUploads::count_dead_letter() {
  const std::lock_guard lock(mutex_);
  ++dead_;
}

void SharedUploads::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_changed_.notify_all();
  ready_changed_.notify_all();
}

UploadBatch SharedUploads::take(std::size_t messages_max, std::size_t uploads_max) {
  std::unique_lock lock(mutex_);
  if (failing_) {
    ready_changed_.wait_for(lock, retry_pause_, [this] { return drained(); });
    if (closed_) return {};  // the waiting uploads are in the journal
  }
  idle_ = true;
  ready_changed_.wait(lock, [this] { return !waiting_.empty() || drained(); });
  idle_ = false;
  if (waiting_.size() >= busy_uploads && waiting_.left() == 0) {
    ready_changed_.wait_for(lock, gather_pause, [&] {
      return closed_ || waiting_.depth().messages >= std::min(messages_max, limits_.messages_max / 2);
    });
  }
  return waiting_.take(messages_max, waiting_.left() > 0 ? uploads_max : std::numeric_limits<std::size_t>::max());
}

void SharedUploads::settle(UploadBatch batch, const Result<void>& kept) {
  const std::lock_guard lock(mutex_);
  if (kept) {
    forget(batch);
  } else {
    give_back(std::move(batch));
  }
}

std::optional<std::vector<Arrived>> SharedUploads::wait_for_arrived(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  arrived_changed_.wait_until(lock, until, [this] { return closed_ || waiting_.has_arrived(); });
  if (closed_ && !waiting_.has_arrived()) return std::nullopt;
  return waiting_.take_arrived();
}

void SharedUploads::refuse(std::span<Arrived> group, const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    refused_at_ = std::chrono::steady_clock::now();
    waiting_.remove(group);
  }
  for (const Arrived& each : group) each.confirm(Failure(error));
}

Result<void> SharedUploads::hand_on(std::span<Arrived> group, SegmentNumber segment) {
  {
    const std::lock_guard lock(mutex_);
    try {
      waiting_.hand_on(group, segment);
    } catch (const std::bad_alloc&) {
      return no_memory();
    }
  }
  ready_changed_.notify_one();
  for (const Arrived& each : group) each.confirm({});
  return {};
}

bool SharedUploads::hold_all(std::span<const Arrived> group) {
  const std::lock_guard lock(mutex_);
  const QueueDepth& all = waiting_.depth();
  if (failing_ || all.messages > limits_.messages_max / 2 || all.bytes > limits_.bytes_max / 2) return false;
  return waiting_.hold_all(group);
}

bool SharedUploads::is_settled(SegmentNumber segment) const {
  const std::lock_guard lock(mutex_);
  return waiting_.is_settled(segment);
}

void SharedUploads::erase(DeviceNumber device) {
  const std::lock_guard lock(mutex_);
  erased_.insert(device);
}

void SharedUploads::count_set_aside(const QueueDepth::SetAside& in_folder) {
  const std::lock_guard lock(mutex_);
  in_folder_ = in_folder;
}

void SharedUploads::end_writing() {
  {
    const std::lock_guard lock(mutex_);
    written_all_ = true;
  }
  ready_changed_.notify_all();
}

bool SharedUploads::may_go_straight() const {
  return !straight_from_ || std::chrono::steady_clock::now() >= *straight_from_;
}

void SharedUploads::forget(const UploadBatch& batch) {
  failing_ = false;
  retry_pause_ = retry_pause_min;
  const auto straight = std::find(batch.tags.begin(), batch.tags.end(), no_segment);
  if (straight != batch.tags.end()) refused_at_.reset();  // the disk has room again
  waiting_.settle(batch);
}

void SharedUploads::give_back(UploadBatch batch) {
  if (failing_) retry_pause_ = std::min(retry_pause_ * 2, retry_pause_max);
  waiting_.give_back(std::move(batch));
  if (waiting_.empty()) {
    refused_at_ = std::chrono::steady_clock::now();
  } else {
    failing_ = true;
  }
}

}  // namespace packwalk::journal
