#include "tests/simulation/obvious_model.h"

#include <algorithm>
#include <limits>

#include "tests/support/stores.h"

namespace packwalk {
namespace {

/// The first with a key stands; the others are compared with it.
template <class Row>
Verdict put_row(std::map<DeviceTime, Row>& rows, Row row, ServerTime received_at) {
  row.received_at = received_at;
  const auto [standing, fresh] = rows.try_emplace(row.timestamp, row);
  if (fresh) return Verdict::accepted;
  return essence_of(standing->second) == essence_of(row) ? Verdict::duplicate : Verdict::conflict;
}

DeviceTime quarter_hour_of(DeviceTime time) { return device_time(seconds_since_1970(time) / 900 * 900); }

}  // namespace

void ObviousModel::commit(const Parcel& parcel, ServerTime received_at) {
  Device& device = devices_[parcel.device];
  for (std::size_t i = 0; i < parcel.meanings.size(); ++i) {
    const Verdict verdict = judge(device, parcel.meanings[i], received_at);
    ++device.counts[verdict];
    device.rows.messages.emplace_back(received_at, static_cast<std::uint32_t>(i), parcel.transport, verdict,
                                      parcel.originals[i]);
    if (verdict != Verdict::invalid || parcel.meanings[i].is_heartbeat) {
      device.last_seen = std::max(device.last_seen.value_or(received_at), received_at);
    }
  }
}

Verdict ObviousModel::judge(Device& device, Meaning meaning, ServerTime received_at) {
  Verdict verdict = Verdict::invalid;
  if (meaning.fix) verdict = put_row(device.fixes, *meaning.fix, received_at);
  if (meaning.sample) verdict = put_row(device.samples, *meaning.sample, received_at);
  if (verdict == Verdict::accepted) {
    const DeviceTime time = meaning.fix ? meaning.fix->timestamp : meaning.sample->timestamp;
    device.stale.insert(quarter_hour_of(time));
    device.new_times.insert(time);
  }
  return verdict;
}

int ObviousModel::status_at(const Device& device, DeviceTime time) {
  const auto fix = device.fixes.find(time);
  return fix != device.fixes.end() ? fix->second.status : device.samples.at(time).status;
}

void ObviousModel::end_batch() {
  for (auto& [number, device] : devices_) {
    for (const DeviceTime time : device.new_times) {
      if (device.known_status && time < device.known_status->first) continue;
      const int status = status_at(device, time);
      if (device.known_status && device.known_status->second != status) {
        device.rows.status_changes.emplace_back(time, device.known_status->second, status);
      }
      device.known_status = {time, status};
    }
    device.new_times.clear();
  }
}

DeviceRows ObviousModel::rows_of(DeviceNumber number) const {
  DeviceRows rows{.state = {.device = number}};
  const auto known = devices_.find(number);
  if (known == devices_.end()) return rows;
  const Device& device = known->second;
  rows.messages = device.rows.messages;
  std::sort(rows.messages.begin(), rows.messages.end());
  rows.status_changes = device.rows.status_changes;
  std::sort(rows.status_changes.begin(), rows.status_changes.end());
  for (const auto& [time, fix] : device.fixes) rows.fixes.push_back(fix);
  for (const auto& [time, sample] : device.samples) rows.samples.push_back(sample);
  for (const DeviceTime from : device.stale) rows.stale_windows.push_back({number, from});
  const auto count = [&](Verdict verdict) {
    return device.counts.contains(verdict) ? device.counts.at(verdict) : std::int64_t{0};
  };
  rows.state.last_seen = device.last_seen;
  rows.state.counts = {.fixes = static_cast<std::int64_t>(rows.fixes.size()),
                       .samples = static_cast<std::int64_t>(rows.samples.size()),
                       .duplicates = count(Verdict::duplicate),
                       .conflicts = count(Verdict::conflict),
                       .invalid = count(Verdict::invalid)};
  if (!rows.fixes.empty()) {
    const Fix& last = rows.fixes.back();
    rows.state.last_fix = last;
    rows.state.status = StatusReading{last.status, last.timestamp, Family::track};
  }
  if (!rows.samples.empty() && (rows.fixes.empty() || rows.samples.back().timestamp > rows.fixes.back().timestamp)) {
    rows.state.status = StatusReading{rows.samples.back().status, rows.samples.back().timestamp, Family::activity};
  }
  return rows;
}

DeviceRows read_rows(QueryStore& store, MessageReader& reader, AuditStore& audit, AnalysisStore& analysis,
                     DeviceNumber device) {
  constexpr std::size_t all = std::numeric_limits<std::int32_t>::max();
  const TimeRange always{device_time(0), device_time(std::numeric_limits<std::int32_t>::max())};
  DeviceRows rows{.fixes = store.fixes(device, always, all).value(),
                  .samples = store.samples(device, always, all).value(),
                  .state = store.state(device).value(),
                  .stale_windows = stale_windows_in(analysis, device)};
  const auto messages = reader.messages(device, std::nullopt, {}, all).value();
  for (const StoredMessage& message : messages) {
    rows.messages.emplace_back(message.received_at, message.ordinal, message.transport, message.verdict,
                               message.content);
  }
  const auto changes = audit.snapshot(device).value()->status_changes().value();
  for (const StatusChange& change : changes) {
    rows.status_changes.emplace_back(change.timestamp, change.from, change.to);
  }
  std::sort(rows.status_changes.begin(), rows.status_changes.end());
  return rows;
}

}  // namespace packwalk
