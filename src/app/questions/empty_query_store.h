// An empty store for tests, which override the functions that they need.
#pragma once

#include "ports/query_store.h"

namespace packwalk {

class EmptyQueryStore : public QueryStore {
 public:
  Result<std::vector<ListedDevice>> devices(std::string_view, std::string_view, std::size_t) override {
    return std::vector<ListedDevice>();
  }
  Result<std::vector<Fix>> fixes(DeviceNumber, TimeRange, Paging) override { return std::vector<Fix>(); }
  Result<std::vector<Sample>> samples(DeviceNumber, TimeRange, std::size_t) override { return std::vector<Sample>(); }
  Result<std::vector<Track>> tracks(DeviceNumber, TimeRange, Paging) override { return std::vector<Track>(); }
  Result<std::vector<ActivitySum>> activity(DeviceNumber, TimeRange) override { return std::vector<ActivitySum>(); }
  Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber, TimeRange, const WalkCursor&, Paging) override {
    return std::vector<OfPair<JointWalk>>();
  }
  Result<std::vector<OfPair<JointWalk>>> joint_walks_of_pair(DeviceNumber, DeviceNumber, TimeRange, const WalkCursor&,
                                                             Paging) override {
    return std::vector<OfPair<JointWalk>>();
  }
  Result<std::vector<Companion>> companions(DeviceNumber, TimeRange, const CompanionCursor&, std::size_t) override {
    return std::vector<Companion>();
  }
  Result<CurrentState> state(DeviceNumber device) override { return CurrentState{.device = device}; }
  Result<void> each_position(const std::function<void(const DevicePosition&)>&) override { return {}; }
};

}  // namespace packwalk
