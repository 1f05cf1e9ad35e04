#include "adapters/journal/segment_files.h"

#include <algorithm>
#include <filesystem>

namespace packwalk::journal {
namespace {

constexpr std::size_t segment_size = std::size_t{8} * 1024 * 1024;
constexpr std::size_t spare_segments_max = 4;  // of those that ended; more are deleted

}  // namespace

void SegmentFiles::found(SegmentNumber number) {
  ended_.emplace(number, std::nullopt);
  next_number_ = number + 1;
}

Result<Segment*> SegmentFiles::with_room(std::size_t size) {
  if (current_ && current_->room() >= size) return &*current_;
  end_current();
  auto next = next_segment(size);
  if (!next) return tl::unexpected(std::move(next.error()));
  current_.emplace(std::move(*next));
  return &*current_;
}

void SegmentFiles::end_current() {
  if (!current_) return;
  const SegmentNumber number = current_->number();
  ended_.emplace(number, std::move(*current_));
  current_.reset();
}

void SegmentFiles::free_settled(const std::function<bool(SegmentNumber)>& is_settled) {
  for (auto ended = ended_.begin(); ended != ended_.end();) {
    if (!is_settled(ended->first)) {
      ++ended;
      continue;
    }
    auto& [number, segment] = *ended;
    if (segment && segment->size() == segment_size && spare_.size() < spare_segments_max && segment->clear()) {
      spare_.push_back(*std::move(segment));
    } else {
      remove_file(number);
    }
    ended = ended_.erase(ended);
  }
}

void SegmentFiles::remove_spares() {
  for (const Segment& segment : spare_) remove_file(segment.number());
  spare_.clear();
}

void SegmentFiles::remove_file(SegmentNumber number) const {
  std::error_code ignored;
  std::filesystem::remove(segment_path(folder_, number), ignored);
}

Result<Segment> SegmentFiles::next_segment(std::size_t size) {
  const SegmentNumber number = next_number_++;
  if (size > segment_size || spare_.empty()) return Segment::create(folder_, number, std::max(size, segment_size));
  Segment segment = std::move(spare_.back());
  spare_.pop_back();
  const SegmentNumber before = segment.number();
  if (auto renumbered = segment.renumber(folder_, number); !renumbered) {
    remove_file(before);
    remove_file(number);
    return tl::unexpected(std::move(renumbered.error()));
  }
  return segment;
}

}  // namespace packwalk::journal
