#include "adapters/journal/waiting_uploads.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>
#include <utility>

namespace packwalk::journal {
namespace {

constexpr std::chrono::milliseconds memory_pause{10};

}  // namespace

template <class Line>
typename Line::value_type& WaitingUploads::hold_in(Line& line, Upload&& upload) {
  auto& held = line.emplace_back();
  try {
    held_.add(upload);
  } catch (...) {
    line.pop_back();
    throw;
  }
  held.upload = std::move(upload);
  return held;
}

const Upload* WaitingUploads::oldest() const {
  if (!ready_.empty()) return &ready_.front().upload;
  return arrived_.empty() ? nullptr : &arrived_.front().upload;
}

void WaitingUploads::add_arrived(Upload&& upload, Confirmation&& confirm) {
  hold_in(arrived_, std::move(upload)).confirm = std::move(confirm);
}

void WaitingUploads::add_ready(Upload&& upload, SegmentNumber segment, Confirmation&& confirm) {
  Ready& ready = hold_in(ready_, std::move(upload));
  ready.segment = segment;
  ready.confirm = std::move(confirm);
}

void WaitingUploads::add_left(Upload&& upload, SegmentNumber segment) {
  add_ready(std::move(upload), segment, nullptr);
  ++unsettled_[segment];
  ++left_;
  last_left_ = segment;
}

void WaitingUploads::hand_on(std::span<Arrived> group, SegmentNumber segment) {
  const std::size_t before = ready_.size();
  ready_.resize(before + group.size());
  try {
    unsettled_[segment] += group.size();
  } catch (...) {
    ready_.resize(before);
    throw;
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    ready_[before + i].upload = std::move(group[i].upload);
    ready_[before + i].segment = segment;
  }
}

bool WaitingUploads::hold_all(std::span<const Arrived> group) {
  std::size_t count = 0;
  try {
    for (; count < group.size(); ++count) held_.add(group[count].upload);
  } catch (const std::bad_alloc&) {
    remove(group.first(count));
    return false;
  }
  return true;
}

void WaitingUploads::remove(std::span<const Arrived> group) {
  for (const Arrived& each : group) held_.remove(each.upload);
}

UploadBatch WaitingUploads::take(std::size_t messages_max, std::size_t uploads_max) {
  UploadBatch batch;
  std::size_t count = 0;
  for (std::size_t messages = 0; count < ready_.size(); ++count) {
    messages += ready_[count].upload.messages.size();
    if (count > 0 && (messages > messages_max || count == uploads_max)) break;
  }
  batch.uploads.reserve(count);  // exceptions are thrown before anything is moved
  batch.tags.reserve(count);
  batch.confirmations.reserve(count);
  for (; count > 0; --count, ready_.pop_front()) {
    batch.uploads.push_back(std::move(ready_.front().upload));
    batch.tags.push_back(ready_.front().segment);
    batch.confirmations.push_back(std::move(ready_.front().confirm));
  }
  return batch;
}

void WaitingUploads::settle(const UploadBatch& batch) {
  for (std::size_t i = 0; i < batch.uploads.size(); ++i) {
    const SegmentNumber segment = batch.tags[i];
    held_.remove(batch.uploads[i]);
    if (segment != no_segment && segment <= last_left_ && left_ > 0) --left_;
    const auto count = unsettled_.find(segment);
    if (count != unsettled_.end() && --count->second == 0) unsettled_.erase(count);
  }
}

void WaitingUploads::give_back(UploadBatch batch) {
  const auto in_journal =
      std::count_if(batch.tags.begin(), batch.tags.end(), [](std::uint64_t tag) { return tag != no_segment; });
  make_room_in_front(static_cast<std::size_t>(in_journal));
  auto ready = ready_.begin();
  for (std::size_t i = 0; i < batch.uploads.size(); ++i) {
    if (batch.tags[i] == no_segment) {
      held_.remove(batch.uploads[i]);
      continue;
    }
    ready->upload = std::move(batch.uploads[i]);
    ready->upload.redelivered = true;
    ready->segment = batch.tags[i];
    ++ready;
  }
}

void WaitingUploads::make_room_in_front(std::size_t count) {
  while (true) {
    try {
      ready_.insert(ready_.begin(), count, Ready());
      return;
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(memory_pause);
    }
  }
}

}  // namespace packwalk::journal
