#include "analysis_in_memory.h"

#include "core/track/outlier.h"
#include "core/walk/all_walks.h"
#include "processor_time.h"

namespace packwalk::bench {

MemoryFigures walks_in_memory(const WalkingDogs& dogs) {
  const TrackRules tracks;
  const WalkRules rules;
  MemoryFigures figures;
  forget_peak_memory();
  std::vector<std::vector<PathPoint>> paths;
  for (std::size_t dog = 0; dog < dogs.dogs; ++dog) {
    std::vector<PathFix> fixes = dogs.fixes_of(dog);
    const double started = own_processor_seconds();
    take_out(fixes, outliers_of(fixes, {}));
    paths.push_back(path_of(fixes, {}, tracks, rules));
    figures.paths_seconds += own_processor_seconds() - started;
    figures.fixes += fixes.size();
  }
  figures.paths_bytes = static_cast<double>(figures.fixes * sizeof(PathPoint));
  const double started = own_processor_seconds();
  const std::vector<std::span<const PathPoint>> views(paths.begin(), paths.end());
  const std::vector<PairTogether> all = all_walks_of(views, tracks, rules);
  figures.walks_seconds = own_processor_seconds() - started;
  figures.peak_bytes = peak_memory_bytes();
  figures.pairs = all.size();
  for (const PairTogether& pair : all) {
    figures.contacts += pair.contacts.size();
    figures.walks += pair.walks.size();
    for (const Contact& contact : pair.contacts) figures.near_seconds += contact.near_seconds;
  }
  return figures;
}

}  // namespace packwalk::bench
