// The quadtree of the position index.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/state/position_blocks.h"
#include "core/state/region.h"

namespace packwalk {

/// A block that may have hits.
struct Piece {
  const Block* block;
  std::uint32_t size;
  bool whole;  // all of it lies in the box
};

/// The slot of a position: 8 * block + index in it.
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

/// As in PositionIndex, but an exception leaves it in an undefined state.
class PositionTree {
 public:
  void put(const DevicePosition& position);
  void remove(DeviceNumber device);
  std::optional<DevicePosition> find(DeviceNumber device) const;
  std::size_t size() const { return slots_.size(); }

  /// Adds the blocks of all leaves that touch `wanted`.
  void pieces_in(const Region& wanted, std::vector<Piece>& pieces) const { pieces_in(0, world, wanted, pieces); }

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
  Cell cell_of(const LatLon& position) const;
  void add(const DevicePosition& position, const Cell& cell);
  void append(Node& leaf, const DevicePosition& position);
  void fill_hole(Node& leaf, Slot hole);
  std::vector<DevicePosition> take_all(Node& leaf);
  BlockId new_block(BlockId next);
  void split(const Cell& cell);
  void merge_above(NodeId leaf);
  NodeId four_nodes(NodeId parent);
  void pieces_in(NodeId id, const Region& region, const Region& wanted, std::vector<Piece>& pieces) const;

  std::vector<Node> nodes_{1};
  std::vector<NodeId> free_fours_;
  Blocks blocks_;
  std::vector<BlockId> next_;  // block after block: the next one of the same leaf
  std::vector<BlockId> free_blocks_;
  boost::unordered_flat_set<Slot, ByDevice, ByDevice> slots_{0, ByDevice{&blocks_}, ByDevice{&blocks_}};
};

}  // namespace packwalk
