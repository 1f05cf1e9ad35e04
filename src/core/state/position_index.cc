#include "core/state/position_index.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "core/state/position_tree.h"

namespace packwalk {
namespace {

/// Keeps the `limit` hits with the least numbers, in memory for at most twice as many.
class Collector {
 public:
  Collector(const BoxQuery& query, const PositionIndex::Sees& sees, std::size_t hits_max)
      : after_(query.after.value), earliest_(seconds_since_1970(query.earliest)), limit_(query.limit), sees_(sees) {
    hits_.reserve(std::min(hits_max, 2 * limit_ + 1));
  }

  void take(const Block& block, std::size_t at) {
    const Rest& rest = block.rests[at];
    if (rest.timestamp < earliest_ || rest.device <= after_ || rest.device > greatest_) return;
    if (sees_ && !sees_(DeviceNumber{rest.device})) return;
    hits_.push_back(block.position(at));
    if (hits_.size() > 2 * limit_) cut();
  }

  BoxAnswer answer() {
    if (hits_.size() > limit_) cut();
    if (more_) std::sort(hits_.begin(), hits_.end(), by_number);
    return {std::move(hits_), more_};
  }

 private:
  static bool by_number(const DevicePosition& a, const DevicePosition& b) { return a.device < b.device; }

  void cut() {
    const auto last = hits_.begin() + static_cast<std::ptrdiff_t>(limit_) - 1;
    std::nth_element(hits_.begin(), last, hits_.end(), by_number);
    greatest_ = last->device.value;
    hits_.resize(limit_);
    more_ = true;
  }

  const std::int64_t after_;
  const std::int64_t earliest_;
  const std::size_t limit_;
  const PositionIndex::Sees& sees_;
  std::vector<DevicePosition> hits_;
  std::int64_t greatest_ = std::numeric_limits<std::int64_t>::max();
  bool more_ = false;
};

}  // namespace

PositionIndex::PositionIndex() : tree_(std::make_unique<PositionTree>()) {}
PositionIndex::~PositionIndex() = default;

void PositionIndex::put(const DevicePosition& position) {
  if (!tree_) tree_ = std::make_unique<PositionTree>();
  try {
    tree_->put(position);
  } catch (...) {  // it was interrupted between two steps, so its content is wrong
    tree_.reset();
    throw;
  }
}
void PositionIndex::remove(DeviceNumber device) {
  if (!tree_) return;
  try {
    tree_->remove(device);
  } catch (...) {
    tree_.reset();
    throw;
  }
}
std::optional<DevicePosition> PositionIndex::find(DeviceNumber device) const {
  return tree_ ? tree_->find(device) : std::nullopt;
}
std::size_t PositionIndex::size() const { return tree_ ? tree_->size() : 0; }

BoxAnswer PositionIndex::in_box(const BoxQuery& query, const Sees& sees) const {
  assert(query.limit > 0);
  constexpr std::size_t pieces_ahead = 4;
  const std::vector<Region> regions = regions_of(query.box);
  std::vector<std::pair<const Region*, std::vector<Piece>>> found;
  std::size_t hits_max = 0;
  if (!tree_) return {};
  for (const Region& region : regions) {
    std::vector<Piece>& pieces = found.emplace_back(&region, std::vector<Piece>()).second;
    tree_->pieces_in(region, pieces);
    for (const Piece& piece : pieces) hits_max += piece.size;
  }
  Collector collector(query, sees, hits_max);
  for (const auto& [region, pieces] : found) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i + pieces_ahead < pieces.size()) fetch_ahead(*pieces[i + pieces_ahead].block);
      const Piece& piece = pieces[i];
      for (std::size_t at = 0; at < piece.size; ++at) {
        if (piece.whole || region->has(piece.block->positions[at])) collector.take(*piece.block, at);
      }
    }
  }
  return collector.answer();
}

}  // namespace packwalk
