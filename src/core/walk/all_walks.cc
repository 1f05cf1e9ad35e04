#include "core/walk/all_walks.h"

namespace packwalk {

std::vector<PairTogether> all_walks_of(std::span<const std::span<const PathPoint>> paths, const TrackRules& tracks,
                                       const WalkRules& walks, const std::function<void(std::size_t)>& progress) {
  const std::vector<NearRun> runs = Encounters(paths, walks).find(progress);
  std::vector<PairTogether> all;
  std::vector<Seconds> of_pair;
  for (std::size_t first = 0; first < runs.size();) {
    const Pair pair = runs[first].pair;
    of_pair.clear();
    for (; first < runs.size() && runs[first].pair == pair; ++first) of_pair.push_back(runs[first].seconds);
    PairTogether together{.pair = pair, .contacts = contacts_of(of_pair, walks), .walks = {}};
    together.walks = joint_walks_of({paths[pair.a], paths[pair.b], of_pair}, together.contacts, tracks, walks);
    all.push_back(std::move(together));
  }
  return all;
}

}  // namespace packwalk
