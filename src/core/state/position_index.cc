#include "core/state/position_index.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <limits>
#include <utility>

#include "core/state/position_blocks.h"

namespace packwalk {
namespace {

constexpr std::size_t leaf_positions_max = 32;    // more are split
constexpr std::size_t merged_positions_max = 12;  // four leaves with no more are one again
constexpr std::size_t depth_max = 30;             // there a cell is some centimetres wide: a kennel stays one leaf

/// Degrees from edge to edge. A place on an inner edge belongs to the quadrant east or north of it.
struct Region {
  double west, south, east, north;

  double middle_longitude() const { return (west + east) / 2; }
  double middle_latitude() const { return (south + north) / 2; }

  std::size_t quadrant_of(const LatLon& place) const {
    return (place.longitude() >= middle_longitude() ? 1U : 0U) + (place.latitude() >= middle_latitude() ? 2U : 0U);
  }
  Region quadrant(std::size_t which) const {
    const double x = middle_longitude();
    const double y = middle_latitude();
    return {(which & 1U) ? x : west, (which & 2U) ? y : south, (which & 1U) ? east : x, (which & 2U) ? north : y};
  }
  bool within(const Region& other) const {
    return west >= other.west && east <= other.east && south >= other.south && north <= other.north;
  }
  bool apart_from(const Region& other) const {
    return west > other.east || east < other.west || south > other.north || north < other.south;
  }
  bool has(const LatLon& place) const {
    return place.longitude() >= west && place.longitude() <= east && place.latitude() >= south &&
           place.latitude() <= north;
  }
};

constexpr Region world{-180, -90, 180, 90};

/// The box as regions that neither cross the antimeridian nor overlap; 180 and -180 are one meridian.
std::vector<Region> regions_of(const GeoBox& box) {
  if (box.crosses_antimeridian()) {
    return {{box.west(), box.south(), 180, box.north()}, {-180, box.south(), box.east(), box.north()}};
  }
  std::vector<Region> regions{{box.west(), box.south(), box.east(), box.north()}};
  if (box.east() == 180 && box.west() > -180) regions.push_back({-180, box.south(), -180, box.north()});
  if (box.west() == -180 && box.east() < 180) regions.push_back({180, box.south(), 180, box.north()});
  return regions;
}

/// A block that may have hits.
struct Piece {
  const Block* block;
  std::uint32_t size;
  bool whole;  // all of it lies in the box
};

/// Where a position stands: 8 * block + place in it.
using Slot = std::uint32_t;

/// Hashes and compares slots by the device that stands there, and by the bare number.
struct ByDevice {
  using is_transparent = void;
  const Blocks* blocks;

  std::int64_t key(Slot slot) const { return (*blocks)[slot / block_positions].rests[slot % block_positions].device; }
  static std::int64_t key(DeviceNumber device) { return device.value; }
  template <class A>
  std::size_t operator()(const A& a) const {
    return std::hash<std::int64_t>{}(key(a));
  }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return key(a) == key(b);
  }
};

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

class PositionIndex::Tree {
 public:
  void put(const DevicePosition& position) {
    const auto known = slots_.find(position.device);
    if (known == slots_.end()) {
      add(position, cell_of(position.fix.position));
      return;
    }
    Block& block = block_of(*known);
    const std::size_t at = *known % block_positions;
    if (seconds_since_1970(position.fix.timestamp) <= block.rests[at].timestamp) return;
    if (cell_of(block.places[at]).leaf == cell_of(position.fix.position).leaf) {
      block.set(at, position);
      return;
    }
    remove(position.device);
    add(position, cell_of(position.fix.position));
  }

  void remove(DeviceNumber device) {
    const auto known = slots_.find(device);
    if (known == slots_.end()) return;
    const Slot slot = *known;
    const NodeId leaf = cell_of(block_of(slot).places[slot % block_positions]).leaf;
    slots_.erase(known);
    fill_hole(nodes_[leaf], slot);
    merge_above(leaf);
  }

  std::optional<DevicePosition> find(DeviceNumber device) const {
    const auto known = slots_.find(device);
    if (known == slots_.end()) return std::nullopt;
    return blocks_[*known / block_positions].position(*known % block_positions);
  }

  void pieces_in(const Region& wanted, std::vector<Piece>& pieces) const { pieces_in(0, world, wanted, pieces); }

  std::size_t size() const { return slots_.size(); }

 private:
  using NodeId = std::uint32_t;
  using BlockId = std::uint32_t;
  static constexpr std::uint32_t none = 0xffffffff;

  struct Node {
    NodeId parent = none;
    NodeId first_child = none;  // of four in a row; none for a leaf
    BlockId block = none;       // of a leaf: the only one of its blocks that may not be full
    std::uint32_t size = 0;     // of a leaf: positions
  };
  struct Cell {
    NodeId leaf;
    std::size_t depth;
    Region region;
  };

  Block& block_of(Slot slot) { return blocks_[slot / block_positions]; }

  Cell cell_of(const LatLon& place) const {
    Cell cell{0, 0, world};
    while (nodes_[cell.leaf].first_child != none) {
      const std::size_t which = cell.region.quadrant_of(place);
      cell = {nodes_[cell.leaf].first_child + static_cast<NodeId>(which), cell.depth + 1, cell.region.quadrant(which)};
    }
    return cell;
  }

  void add(const DevicePosition& position, const Cell& cell) {
    append(nodes_[cell.leaf], position);
    if (nodes_[cell.leaf].size > leaf_positions_max && cell.depth < depth_max) split(cell);
  }

  void append(Node& leaf, const DevicePosition& position) {
    const std::size_t at = leaf.size++ % block_positions;
    if (at == 0) leaf.block = new_block(leaf.block);
    blocks_[leaf.block].set(at, position);
    slots_.insert(static_cast<Slot>(leaf.block * block_positions + at));
  }

  /// The last position of the leaf moves to where one was taken out, and out of the slots before it does.
  void fill_hole(Node& leaf, Slot hole) {
    const std::size_t at = --leaf.size % block_positions;
    const Slot last = static_cast<Slot>(leaf.block * block_positions + at);
    if (last != hole) {
      const DevicePosition moved = block_of(last).position(at);
      slots_.erase(moved.device);
      block_of(hole).set(hole % block_positions, moved);
      slots_.insert(hole);
    }
    if (at == 0) free_blocks_.push_back(std::exchange(leaf.block, next_[leaf.block]));
  }

  /// All positions of a leaf, which then has none.
  std::vector<DevicePosition> take_all(Node& leaf) {
    std::vector<DevicePosition> positions;
    while (leaf.size > 0) {
      const std::size_t at = --leaf.size % block_positions;
      positions.push_back(blocks_[leaf.block].position(at));
      slots_.erase(positions.back().device);
      if (at == 0) free_blocks_.push_back(std::exchange(leaf.block, next_[leaf.block]));
    }
    return positions;
  }

  BlockId new_block(BlockId next) {
    auto id = static_cast<BlockId>(blocks_.size());
    if (free_blocks_.empty()) {
      blocks_.grow();
      next_.push_back(none);
    } else {
      id = free_blocks_.back();
      free_blocks_.pop_back();
    }
    next_[id] = next;
    return id;
  }

  void split(const Cell& cell) {
    const NodeId first = four_nodes(cell.leaf);
    nodes_[cell.leaf].first_child = first;
    for (const DevicePosition& position : take_all(nodes_[cell.leaf])) {
      append(nodes_[first + cell.region.quadrant_of(position.fix.position)], position);
    }
    for (std::size_t which = 0; which < 4; ++which) {
      const NodeId child = first + static_cast<NodeId>(which);
      if (nodes_[child].size > leaf_positions_max && cell.depth + 1 < depth_max) {
        split({child, cell.depth + 1, cell.region.quadrant(which)});
      }
    }
  }

  void merge_above(NodeId leaf) {
    while (nodes_[leaf].parent != none) {
      const NodeId parent = nodes_[leaf].parent;
      const NodeId first = nodes_[parent].first_child;
      std::size_t total = 0;
      for (NodeId child = first; child < first + 4; ++child) {
        if (nodes_[child].first_child != none) return;
        total += nodes_[child].size;
      }
      if (total > merged_positions_max) return;
      nodes_[parent].first_child = none;
      for (NodeId child = first; child < first + 4; ++child) {
        for (const DevicePosition& position : take_all(nodes_[child])) append(nodes_[parent], position);
      }
      free_fours_.push_back(first);
      leaf = parent;
    }
  }

  NodeId four_nodes(NodeId parent) {
    auto first = static_cast<NodeId>(nodes_.size());
    if (free_fours_.empty()) {
      nodes_.resize(nodes_.size() + 4);
    } else {
      first = free_fours_.back();
      free_fours_.pop_back();
    }
    for (NodeId child = first; child < first + 4; ++child) nodes_[child] = Node{.parent = parent};
    return first;
  }

  void pieces_in(NodeId id, const Region& region, const Region& wanted, std::vector<Piece>& pieces) const {
    if (region.apart_from(wanted)) return;
    const Node& node = nodes_[id];
    if (node.first_child != none) {
      for (std::size_t which = 0; which < 4; ++which) {
        pieces_in(node.first_child + static_cast<NodeId>(which), region.quadrant(which), wanted, pieces);
      }
      return;
    }
    const bool whole = region.within(wanted);
    BlockId block = node.block;
    for (std::uint32_t left = node.size; left > 0; block = next_[block]) {
      const std::uint32_t in_block = (left - 1) % block_positions + 1;
      pieces.push_back({&blocks_[block], in_block, whole});
      left -= in_block;
    }
  }

  std::vector<Node> nodes_{1};
  std::vector<NodeId> free_fours_;
  Blocks blocks_;
  std::vector<BlockId> next_;  // block after block: the next one of the same leaf
  std::vector<BlockId> free_blocks_;
  boost::unordered_flat_set<Slot, ByDevice, ByDevice> slots_{0, ByDevice{&blocks_}, ByDevice{&blocks_}};
};

PositionIndex::PositionIndex() : tree_(std::make_unique<Tree>()) {}
PositionIndex::~PositionIndex() = default;

void PositionIndex::put(const DevicePosition& position) {
  if (!tree_) tree_ = std::make_unique<Tree>();
  try {
    tree_->put(position);
  } catch (...) {  // it was cut off between two steps, so what stands in it is wrong
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
        if (piece.whole || region->has(piece.block->places[at])) collector.take(*piece.block, at);
      }
    }
  }
  return collector.answer();
}

}  // namespace packwalk
