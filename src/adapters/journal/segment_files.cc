#include "adapters/journal/segment_files.h"

#include <unistd.h>

#include <algorithm>

namespace packwalk::journal {
namespace {

constexpr std::size_t segment_size = std::size_t{8} * 1024 * 1024;
constexpr std::size_t spare_segments_max = 4;  // of those that ended; more are deleted

}  // namespace

void SegmentFiles::found(const SegmentName& name, std::size_t end, bool kept) {
  next_number_ = name.number + 1;
  last_end_ = static_cast<std::uint32_t>(end);
  if (!kept) ended_.emplace(name.number, Ended{path_of(folder_, name), std::nullopt});
}

Result<Segment*> SegmentFiles::with_room(std::size_t size) {
  if (current_ && current_->room() >= size) return &*current_;
  end_current();
  auto next = next_segment(size);
  if (!next) return next.failure();
  ++next_number_;
  previous_end_ = last_end_;
  current_.emplace(std::move(*next));
  return &*current_;
}

void SegmentFiles::end_current() {
  if (!current_) return;
  last_end_ = static_cast<std::uint32_t>(current_->end());
  const SegmentNumber number = current_->name().number;
  const auto ended = ended_.emplace(number, Ended{current_->path(), std::nullopt});
  ended->second.segment = std::move(*current_);
  current_.reset();
}

void SegmentFiles::free_settled(const std::function<bool(SegmentNumber)>& is_settled) {
  for (auto ended = ended_.begin(); ended != ended_.end();) {
    if (!is_settled(ended->first)) {
      ++ended;
      continue;
    }
    auto& [path, segment] = ended->second;
    if (segment && segment->size() == segment_size && spare_.size() < spare_segments_max && segment->retire(folder_)) {
      spare_.push_back(*std::move(segment));
    } else {
      ::unlink(path.c_str());
    }
    ended = ended_.erase(ended);
  }
}

void SegmentFiles::remove_spares() {
  for (const Segment& segment : spare_) ::unlink(segment.path().c_str());
  spare_.clear();
}

Result<Segment> SegmentFiles::next_segment(std::size_t size) {
  const std::size_t needed = beginning_size() + size;
  if (needed > segment_size || spare_.empty()) {
    return Segment::create(folder_, next_number_, std::max(needed, segment_size), last_end_);
  }
  Segment segment = std::move(spare_.back());
  spare_.pop_back();
  if (auto renewed = segment.renew(folder_, next_number_, last_end_); !renewed) {
    ::unlink(segment.path().c_str());
    return renewed.failure();
  }
  return segment;
}

}  // namespace packwalk::journal
