#include "core/state/position_tree.h"

#include <utility>

namespace packwalk {
namespace {

constexpr std::size_t leaf_positions_max = 32;    // more are split
constexpr std::size_t merged_positions_max = 12;  // four leaves with no more are one again
constexpr std::size_t depth_max = 30;             // there a cell is some centimetres wide: a kennel stays one leaf

}  // namespace

void PositionTree::put(const DevicePosition& position) {
  const auto known = slots_.find(position.device);
  if (known == slots_.end()) {
    add(position, cell_of(position.fix.position));
    return;
  }
  Block& block = block_of(*known);
  const std::size_t at = *known % block_positions;
  if (seconds_since_1970(position.fix.timestamp) <= block.rests[at].timestamp) return;
  if (cell_of(block.positions[at]).leaf == cell_of(position.fix.position).leaf) {
    block.set(at, position);
    return;
  }
  remove(position.device);
  add(position, cell_of(position.fix.position));
}

void PositionTree::remove(DeviceNumber device) {
  const auto known = slots_.find(device);
  if (known == slots_.end()) return;
  const Slot slot = *known;
  const NodeId leaf = cell_of(block_of(slot).positions[slot % block_positions]).leaf;
  slots_.erase(known);
  fill_hole(nodes_[leaf], slot);
  merge_above(leaf);
}

std::optional<DevicePosition> PositionTree::find(DeviceNumber device) const {
  const auto known = slots_.find(device);
  if (known == slots_.end()) return std::nullopt;
  return blocks_[*known / block_positions].position(*known % block_positions);
}

PositionTree::Cell PositionTree::cell_of(const LatLon& position) const {
  Cell cell{0, 0, world};
  while (nodes_[cell.leaf].first_child != none) {
    const std::size_t which = cell.region.quadrant_of(position);
    cell = {nodes_[cell.leaf].first_child + static_cast<NodeId>(which), cell.depth + 1, cell.region.quadrant(which)};
  }
  return cell;
}

void PositionTree::add(const DevicePosition& position, const Cell& cell) {
  append(nodes_[cell.leaf], position);
  if (nodes_[cell.leaf].size > leaf_positions_max && cell.depth < depth_max) split(cell);
}

void PositionTree::append(Node& leaf, const DevicePosition& position) {
  const std::size_t at = leaf.size++ % block_positions;
  if (at == 0) leaf.block = new_block(leaf.block);
  blocks_[leaf.block].set(at, position);
  slots_.insert(static_cast<Slot>(leaf.block * block_positions + at));
}

/// The last position of the leaf moves to where one was taken out, and out of the slots before it does.
void PositionTree::fill_hole(Node& leaf, Slot hole) {
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
std::vector<DevicePosition> PositionTree::take_all(Node& leaf) {
  std::vector<DevicePosition> positions;
  while (leaf.size > 0) {
    const std::size_t at = --leaf.size % block_positions;
    positions.push_back(blocks_[leaf.block].position(at));
    slots_.erase(positions.back().device);
    if (at == 0) free_blocks_.push_back(std::exchange(leaf.block, next_[leaf.block]));
  }
  return positions;
}

PositionTree::BlockId PositionTree::new_block(BlockId next) {
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

void PositionTree::split(const Cell& cell) {
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

void PositionTree::merge_above(NodeId leaf) {
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

PositionTree::NodeId PositionTree::four_nodes(NodeId parent) {
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

void PositionTree::pieces_in(NodeId id, const Region& region, const Region& wanted, std::vector<Piece>& pieces) const {
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

}  // namespace packwalk
