#include "core/walk/pack_walk.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace packwalk {
namespace {

/// Which walks belong together (union by path halving; Tarjan and van Leeuwen, J. ACM 31, 1984).
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }

  std::size_t root(std::size_t walk) {
    while (parent_[walk] != walk) walk = parent_[walk] = parent_[parent_[walk]];
    return walk;
  }
  void join(std::size_t a, std::size_t b) { parent_[root(a)] = root(b); }

 private:
  std::vector<std::size_t> parent_;
};

struct OfDevice {
  std::int64_t device = 0;
  Seconds seconds;
  std::size_t walk = 0;
};

}  // namespace

std::vector<PackWalk> pack_walks_of(std::span<const PairWalk> walks) {
  std::vector<OfDevice> by_device;
  for (std::size_t i = 0; i < walks.size(); ++i) {
    by_device.push_back({walks[i].a, walks[i].seconds, i});
    by_device.push_back({walks[i].b, walks[i].seconds, i});
  }
  std::sort(by_device.begin(), by_device.end(), [](const OfDevice& x, const OfDevice& y) {
    return std::tie(x.device, x.seconds, x.walk) < std::tie(y.device, y.seconds, y.walk);
  });
  Groups groups(walks.size());
  for (std::size_t i = 1, longest = 0; i < by_device.size(); ++i) {  // longest: the one that ends last so far
    const bool shares =
        by_device[i].device == by_device[longest].device && by_device[i].seconds.from <= by_device[longest].seconds.to;
    if (shares) groups.join(by_device[i].walk, by_device[longest].walk);
    if (!shares || by_device[i].seconds.to > by_device[longest].seconds.to) longest = i;
  }
  std::map<std::size_t, PackWalk> packs;
  for (std::size_t i = 0; i < walks.size(); ++i) {
    PackWalk& pack = packs[groups.root(i)];
    const Seconds seconds = walks[i].seconds;
    pack.seconds = pack.walks.empty()
                       ? seconds
                       : Seconds{std::min(pack.seconds.from, seconds.from), std::max(pack.seconds.to, seconds.to)};
    pack.walks.push_back(i);
    pack.devices.insert(pack.devices.end(), {walks[i].a, walks[i].b});
  }
  std::vector<PackWalk> found;
  for (auto& [root, pack] : packs) {
    std::sort(pack.devices.begin(), pack.devices.end());
    pack.devices.erase(std::unique(pack.devices.begin(), pack.devices.end()), pack.devices.end());
    if (pack.devices.size() >= 3) found.push_back(std::move(pack));
  }
  std::sort(found.begin(), found.end(), [](const PackWalk& x, const PackWalk& y) {
    return std::tie(x.seconds, x.devices) < std::tie(y.seconds, y.devices);
  });
  return found;
}

}  // namespace packwalk
