// Devices that walk alone, together and apart, told in few words, and what must be derived from it: the reference.
#pragma once

#include <map>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "core/walk/analysis_rules.h"
#include "ports/analysis_store.h"
#include "ports/device_registry.h"
#include "ports/ingest_store.h"

namespace packwalk {

/// Numbers and ids have opposite orders, so that nobody takes the one for the other.
inline DeviceNumber number_of_walker(int walker) { return DeviceNumber{walker + 1}; }
inline std::string id_of_walker(int walker) { return "dog-" + std::to_string(999 - walker); }
/// Walkers 0 to `count` - 1, at most 256.
void register_walkers(int count, DeviceRegistry& registry);

/// Some packets of one device, at equal intervals.
struct Stretch {
  int walker = 0;
  int begin = 0;        // seconds
  int step = 0;         // seconds from one packet to the next
  int fixes = 0;        // 0: one sample
  int route = 0;        // 0..6: the position of its walkers, as a function of time
  int aside_m = 0;      // from the route
  int accuracy_m = 0;   // 0: not told
  Activity activity{};  // of the sample, and of those between the fixes
};
std::ostream& operator<<(std::ostream& out, const Stretch& stretch);

/// A packet and whose it is.
struct WalkerPacket {
  int walker = 0;
  Content content;
};

/// In the order of their stretches.
std::vector<WalkerPacket> packets_of(const std::vector<Stretch>& stretches, const LatLon& place);

/// `first`: how many packets came before.
Result<void> ingest_packets(std::span<const WalkerPacket> packets, std::size_t first, IngestStore& store);

/// Constants so short that everything meets.
AnalysisRules short_rules();

/// All that is derived, in the order of an AnalysisSnapshot's lists.
struct DerivedRows {
  std::map<DeviceNumber, std::vector<Track>> tracks;
  std::map<DeviceNumber, std::vector<ActivitySum>> activity;
  std::vector<OfPair<Contact>> contacts;
  std::vector<OfPair<JointWalk>> walks;

  friend bool operator==(const DerivedRows&, const DerivedRows&) = default;
};
std::ostream& operator<<(std::ostream& out, const DerivedRows& rows);

/// One pass over the packets of each key that came first, of the walkers that `fixes` has.
DerivedRows derived_at_once(const std::map<DeviceNumber, std::vector<PathFix>>& fixes,
                            const std::map<DeviceNumber, std::vector<Sample>>& samples, const AnalysisRules& rules);
/// How many fixes that pass leaves out.
std::size_t count_outliers(const std::map<DeviceNumber, std::vector<PathFix>>& fixes, const AnalysisRules& rules);

/// What a store has of walkers 0 to `count` - 1.
DerivedRows derived_in(AnalysisStore& store, int count);

/// The kept states of tracks that a pass over the store's packets does not come through.
std::vector<TrackState> wrong_states_in(AnalysisStore& store, int count, const AnalysisRules& rules);

/// And what it was made of.
std::map<DeviceNumber, std::vector<PathFix>> fixes_in(AnalysisStore& store, int count);
std::map<DeviceNumber, std::vector<Sample>> samples_in(AnalysisStore& store, int count);

}  // namespace packwalk
