// The rules of verdicts, current state and stale windows in the most obvious way: one message at a time, in maps.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "ports/analysis_store.h"
#include "ports/audit_store.h"
#include "ports/message_reader.h"
#include "ports/query_store.h"
#include "tests/simulation/parcels.h"

namespace packwalk {

/// All that a store keeps of one device.
struct DeviceRows {
  std::vector<Fix> fixes;
  std::vector<Sample> samples;
  CurrentState state;
  std::vector<StaleWindow> stale_windows;
  std::vector<std::tuple<DeviceTime, int, int>> status_changes;                                  // when, from, to
  std::vector<std::tuple<ServerTime, std::uint32_t, Transport, Verdict, std::string>> messages;  // the last: content

  friend bool operator==(const DeviceRows&, const DeviceRows&) = default;
};

class ObviousModel {
 public:
  /// A parcel is in the store from now on, once the whole of its batch is.
  void commit(const Parcel& parcel, ServerTime received_at);
  void end_batch();

  DeviceRows rows_of(DeviceNumber device) const;

 private:
  struct Device {
    std::map<DeviceTime, Fix> fixes;
    std::map<DeviceTime, Sample> samples;
    std::set<DeviceTime> stale;
    std::set<DeviceTime> new_times;  // of what this batch made
    std::optional<std::pair<DeviceTime, int>> known_status;
    std::optional<ServerTime> last_seen;
    std::map<Verdict, std::int64_t> counts;
    DeviceRows rows;  // its messages only
  };
  static int status_at(const Device& device, DeviceTime time);
  static Verdict judge(Device& device, Meaning meaning, ServerTime received_at);

  std::map<DeviceNumber, Device> devices_;
};

/// The same from a store.
DeviceRows read_rows(QueryStore& store, MessageReader& reader, AuditStore& audit, AnalysisStore& analysis,
                     DeviceNumber device);

}  // namespace packwalk
