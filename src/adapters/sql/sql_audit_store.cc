#include "adapters/sql/sql_audit_store.h"

#include <map>
#include <utility>

#include "adapters/sql/event_rows.h"
#include "adapters/sql/message_page.h"
#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_next_number =
    "SELECT MIN(n) FROM (SELECT MIN(number) AS n FROM devices WHERE number > $1 AND id NOT LIKE ':%' "
    "UNION ALL SELECT MIN(device) FROM messages WHERE device > $1 "
    "UNION ALL SELECT MIN(device) FROM fixes WHERE device > $1 "
    "UNION ALL SELECT MIN(device) FROM samples WHERE device > $1 "
    "UNION ALL SELECT MIN(device) FROM states WHERE device > $1 "
    "UNION ALL SELECT MIN(device) FROM events WHERE device > $1 "
    "UNION ALL SELECT MIN(device) FROM device_refusals WHERE device > $1) AS least";
constexpr const char* select_id =
    "SELECT id, (SELECT count(*) FROM erased_devices WHERE device = number AND ended_at IS NULL) FROM devices "
    "WHERE number = $1 AND id NOT LIKE ':%'";
constexpr const char* select_fix =
    "SELECT lat, lon, altitude, accuracy, received_at, status, hash FROM fixes WHERE device = $1 AND timestamp = $2";
constexpr const char* select_sample =
    "SELECT activity, steps, received_at, status, hash FROM samples WHERE device = $1 AND timestamp = $2";
constexpr const char* select_fix_times =
    "SELECT timestamp FROM fixes WHERE device = $1 AND timestamp >= $2 AND received_at >= $3";
constexpr const char* select_sample_times =
    "SELECT timestamp FROM samples WHERE device = $1 AND timestamp >= $2 AND received_at >= $3";
constexpr const char* select_status_changes =
    "SELECT kind, body FROM events WHERE device = $1 AND kind = 'status_changed' ORDER BY device_time, id";
constexpr const char* select_arrived =
    "SELECT " PACKWALK_ORIGINAL_COLUMNS " FROM messages WHERE received_at >= $1 AND received_at < $2";

class SqlDeviceSnapshot final : public DeviceSnapshot {
 public:
  SqlDeviceSnapshot(Connection& connection, DeviceNumber device) : connection_(connection), device_(device) {}
  SqlDeviceSnapshot(const SqlDeviceSnapshot&) = delete;
  SqlDeviceSnapshot& operator=(const SqlDeviceSnapshot&) = delete;
  ~SqlDeviceSnapshot() override { connection_.rollback(); }

  Result<std::vector<StoredMessage>> messages(MessageCursor after, std::size_t limit) override {
    const auto ask = [this](const char* statement, std::span<const Value> values,
                            const std::function<void(const Row&)>& take) {
      return connection_.query(statement, values, take);
    };
    return message_page(ask, messages_of_device, message_as_it_stands,
                        {cell(device_), cell(after.received_at), cell(std::int64_t{after.ordinal}), limit_cell(limit)},
                        limit);
  }

  Result<std::optional<StandingFix>> fix(DeviceTime timestamp) override {
    return at<StandingFix>(select_fix, timestamp, [](const Row& row) {
      return StandingFix{row.real(0),
                         row.real(1),
                         meters_at(row, 2),
                         meters_at(row, 3),
                         server_time(row.integer(4)),
                         row.integer(5),
                         hash_from(row.integer(6))};
    });
  }

  Result<std::optional<StandingSample>> sample(DeviceTime timestamp) override {
    return at<StandingSample>(select_sample, timestamp, [](const Row& row) {
      return StandingSample{row.integer(0), row.integer(1), server_time(row.integer(2)), row.integer(3),
                            hash_from(row.integer(4))};
    });
  }

  Result<void> each_fix_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) override {
    return each_time(select_fix_times, since, take);
  }
  Result<void> each_sample_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) override {
    return each_time(select_sample_times, since, take);
  }

  Result<std::vector<StatusChange>> status_changes() override {
    std::vector<StatusChange> changes;
    const Value key = cell(device_);
    auto asked = connection_.query(select_status_changes, {&key, 1}, [&](const Row& row) {
      const auto event = event_at(row, 0, device_);
      if (!event) throw ImpossibleRow(event.error().detail);
      changes.push_back(std::get<StatusChange>(*event));
    });
    if (!asked) return asked.failure();
    return changes;
  }

  Result<CurrentState> state() override {
    Result<CurrentState> state = CurrentState{.device = device_};
    const Value key = cell(device_);
    auto asked = connection_.query(select_state, {&key, 1}, [&](const Row& row) {
      try {
        state = state_at(row, device_, 0);
      } catch (const ImpossibleRow& impossible) {
        state = fail(Errc::corrupt, std::string("its current state is impossible: ") + impossible.what());
      }
    });
    if (!asked) return asked.failure();
    return state;
  }

 private:
  template <class Thing, class FromRow>
  Result<std::optional<Thing>> at(const char* statement, DeviceTime timestamp, FromRow from_row) {
    std::optional<Thing> found;
    const Value values[] = {cell(device_), cell(timestamp)};
    auto asked = connection_.query(statement, values, [&](const Row& row) { found = from_row(row); });
    if (!asked) return asked.failure();
    return found;
  }

  Result<void> each_time(const char* statement, const KeptSince& since, const std::function<void(DeviceTime)>& take) {
    const Value values[] = {cell(device_), cell(since.fixes), cell(since.messages)};
    return connection_.query(statement, values, [&](const Row& row) { take(device_time(row.integer(0))); });
  }

  Connection& connection_;
  const DeviceNumber device_;
};

class SqlAuditStore final : public AuditStore {
 public:
  SqlAuditStore(std::unique_ptr<Connection> connection, const char* kept_since)
      : connection_(std::move(connection)), kept_since_(kept_since) {}

  Result<std::vector<std::string>> faults() override { return connection_->faults(); }

  Result<std::optional<AuditedDevice>> next_device(std::int64_t after) override {
    while (true) {
      std::optional<AuditedDevice> device;
      Value key = after;
      auto asked = connection_->query(select_next_number, {&key, 1}, [&](const Row& row) {
        if (!row.is_null(0)) device = AuditedDevice{DeviceNumber{row.integer(0)}, ""};
      });
      if (!asked) return asked.failure();
      if (!device) return device;
      bool is_being_erased = false;
      key = cell(device->number);
      asked = connection_->query(select_id, {&key, 1}, [&](const Row& row) {
        device->id = std::string(row.bytes(0));
        is_being_erased = row.integer(1) > 0;
      });
      if (!asked) return asked.failure();
      if (!is_being_erased) return device;
      after = device->number.value;
    }
  }

  Result<KeptSince> kept_since() override {
    KeptSince since;
    if (!kept_since_) return since;
    auto asked = connection_->query(kept_since_, {}, [&](const Row& row) {
      if (!row.is_null(0)) since.messages = server_time(row.integer(0));
      if (!row.is_null(1)) since.fixes = device_time(row.integer(1));
    });
    if (!asked) return asked.failure();
    return since;
  }

  Result<std::unique_ptr<DeviceSnapshot>> snapshot(DeviceNumber device) override {
    if (auto begun = connection_->begin_reading(); !begun) return begun.failure();
    return std::make_unique<SqlDeviceSnapshot>(*connection_, device);
  }

  Result<std::vector<DayDigest>> digests(DayRange range) override {
    std::map<Day, DayDigest> found;
    const Value bounds[] = {cell_of_start(range.from), cell_of_start(range.until)};
    auto asked = connection_->query(select_arrived, bounds, [&](const Row& row) {
      const Original original = original_at(row);
      const Day day = day_of(original.message.received_at);
      DayDigest& digest = found.try_emplace(day, DayDigest{day}).first->second;
      ++digest.messages;
      digest.hash ^= digest_hash(original.device, original.message);
    });
    if (!asked) return asked.failure();
    std::vector<DayDigest> digests;
    digests.reserve(found.size());
    for (const auto& [day, digest] : found) digests.push_back(digest);
    return digests;
  }

 private:
  std::unique_ptr<Connection> connection_;
  const char* const kept_since_;
};

}  // namespace

std::unique_ptr<AuditStore> make_sql_audit_store(std::unique_ptr<Connection> connection, const char* kept_since) {
  return std::make_unique<SqlAuditStore>(std::move(connection), kept_since);
}

}  // namespace packwalk::sql
