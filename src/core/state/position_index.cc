#include "core/state/position_index.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>

namespace packwalk {
namespace {

constexpr std::size_t leaf_positions_max = 64;    // more are split
constexpr std::size_t merged_positions_max = 16;  // four leaves with no more are one again
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

/// Keeps the `limit` hits with the least numbers, in memory for at most twice as many.
class Collector {
 public:
  explicit Collector(const BoxQuery& query) : query_(query) {}

  void take(const DevicePosition& position) {
    if (position.fix.timestamp < query_.earliest || position.device <= query_.after || position.device > greatest_) {
      return;
    }
    hits_.push_back(position);
    if (hits_.size() > 2 * query_.limit) cut();
  }

  BoxAnswer answer() {
    if (hits_.size() > query_.limit) cut();
    const auto by_number = [](const DevicePosition& a, const DevicePosition& b) { return a.device < b.device; };
    if (more_) std::sort(hits_.begin(), hits_.end(), by_number);
    return {std::move(hits_), more_};
  }

 private:
  void cut() {
    const auto last = hits_.begin() + static_cast<std::ptrdiff_t>(query_.limit) - 1;
    std::nth_element(hits_.begin(), last, hits_.end(),
                     [](const DevicePosition& a, const DevicePosition& b) { return a.device < b.device; });
    greatest_ = last->device;
    hits_.resize(query_.limit);
    more_ = true;
  }

  const BoxQuery& query_;
  std::vector<DevicePosition> hits_;
  DeviceNumber greatest_{std::numeric_limits<std::int64_t>::max()};
  bool more_ = false;
};

}  // namespace

class PositionIndex::Tree {
 public:
  void put(const DevicePosition& position) {
    const Cell cell = cell_of(position.fix.position);
    const auto known = places_.find(position.device.value);
    if (known != places_.end()) {
      DevicePosition& before = at(known->second);
      if (position.fix.timestamp <= before.fix.timestamp) return;
      if (known->second.leaf == cell.leaf) {
        before = position;
        return;
      }
      remove(position.device);
      put(position);  // the tree may have changed
      return;
    }
    add(position, cell);
  }

  void remove(DeviceNumber device) {
    const auto known = places_.find(device.value);
    if (known == places_.end()) return;
    const Place place = known->second;
    places_.erase(known);
    std::vector<DevicePosition>& positions = nodes_[place.leaf].positions;
    if (place.slot + 1 != positions.size()) {
      positions[place.slot] = positions.back();
      places_[positions[place.slot].device.value] = place;
    }
    positions.pop_back();
    merge_above(place.leaf);
  }

  std::optional<DevicePosition> find(DeviceNumber device) const {
    const auto known = places_.find(device.value);
    if (known == places_.end()) return std::nullopt;
    return nodes_[known->second.leaf].positions[known->second.slot];
  }

  void collect(const Region& wanted, Collector& collector) const { collect(0, world, wanted, collector); }

  std::size_t size() const { return places_.size(); }

 private:
  using NodeId = std::uint32_t;
  static constexpr NodeId none = 0xffffffff;

  struct Node {
    NodeId parent = none;
    NodeId first_child = none;  // of four in a row; none for a leaf
    std::vector<DevicePosition> positions;
  };
  struct Place {
    NodeId leaf;
    std::uint32_t slot;
  };
  struct Cell {
    NodeId leaf;
    std::size_t depth;
    Region region;
  };

  DevicePosition& at(Place place) { return nodes_[place.leaf].positions[place.slot]; }

  Cell cell_of(const LatLon& place) const {
    Cell cell{0, 0, world};
    while (nodes_[cell.leaf].first_child != none) {
      const std::size_t which = cell.region.quadrant_of(place);
      cell = {nodes_[cell.leaf].first_child + static_cast<NodeId>(which), cell.depth + 1, cell.region.quadrant(which)};
    }
    return cell;
  }

  void add(const DevicePosition& position, const Cell& cell) {
    append(cell.leaf, position);
    if (nodes_[cell.leaf].positions.size() > leaf_positions_max && cell.depth < depth_max) split(cell);
  }

  void append(NodeId leaf, const DevicePosition& position) {
    std::vector<DevicePosition>& positions = nodes_[leaf].positions;
    if (positions.size() == positions.capacity()) positions.reserve(positions.size() + 8);  // doubling would waste most
    places_[position.device.value] = {leaf, static_cast<std::uint32_t>(positions.size())};
    positions.push_back(position);
  }

  void split(const Cell& cell) {
    const NodeId first = four_nodes(cell.leaf);
    nodes_[cell.leaf].first_child = first;
    const std::vector<DevicePosition> positions = std::exchange(nodes_[cell.leaf].positions, {});
    for (const DevicePosition& position : positions) {
      append(first + static_cast<NodeId>(cell.region.quadrant_of(position.fix.position)), position);
    }
    for (std::size_t which = 0; which < 4; ++which) {
      const NodeId child = first + static_cast<NodeId>(which);
      if (nodes_[child].positions.size() > leaf_positions_max && cell.depth + 1 < depth_max) {
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
        total += nodes_[child].positions.size();
      }
      if (total > merged_positions_max) return;
      nodes_[parent].first_child = none;
      for (NodeId child = first; child < first + 4; ++child) {
        for (const DevicePosition& position : std::exchange(nodes_[child].positions, {})) append(parent, position);
      }
      free_fours_.push_back(first);
      leaf = parent;
    }
  }

  NodeId four_nodes(NodeId parent) {
    NodeId first = static_cast<NodeId>(nodes_.size());
    if (free_fours_.empty()) {
      nodes_.resize(nodes_.size() + 4);
    } else {
      first = free_fours_.back();
      free_fours_.pop_back();
    }
    for (NodeId child = first; child < first + 4; ++child) nodes_[child] = Node{.parent = parent};
    return first;
  }

  void collect(NodeId id, const Region& region, const Region& wanted, Collector& collector) const {
    if (region.apart_from(wanted)) return;
    const Node& node = nodes_[id];
    if (node.first_child != none) {
      for (std::size_t which = 0; which < 4; ++which) {
        collect(node.first_child + static_cast<NodeId>(which), region.quadrant(which), wanted, collector);
      }
      return;
    }
    const bool whole = region.within(wanted);
    for (const DevicePosition& position : node.positions) {
      if (whole || wanted.has(position.fix.position)) collector.take(position);
    }
  }

  std::vector<Node> nodes_{1};
  std::vector<NodeId> free_fours_;
  boost::unordered_flat_map<std::int64_t, Place> places_;
};

PositionIndex::PositionIndex() : tree_(std::make_unique<Tree>()) {}
PositionIndex::~PositionIndex() = default;

void PositionIndex::put(const DevicePosition& position) { tree_->put(position); }
void PositionIndex::remove(DeviceNumber device) { tree_->remove(device); }
std::optional<DevicePosition> PositionIndex::find(DeviceNumber device) const { return tree_->find(device); }
std::size_t PositionIndex::size() const { return tree_->size(); }

BoxAnswer PositionIndex::in_box(const BoxQuery& query) const {
  Collector collector(query);
  for (const Region& region : regions_of(query.box)) tree_->collect(region, collector);
  return collector.answer();
}

}  // namespace packwalk
