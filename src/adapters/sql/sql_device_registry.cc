#include "adapters/sql/sql_device_registry.h"

#include <algorithm>
#include <string>
#include <utility>

#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_greatest = "SELECT COALESCE(MAX(number), 0), COALESCE(MAX(revision), 0) FROM devices";
// A removed device comes back. An existing one does not change, which the count of changed rows shows.
constexpr const char* upsert_device =
    "INSERT INTO devices (number, id, created_at, revision) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (id) DO UPDATE SET removed_at = NULL, revision = excluded.revision "
    "WHERE devices.removed_at IS NOT NULL AND devices.number NOT IN (SELECT device FROM erased_devices)";
constexpr const char* insert_token =
    "INSERT INTO tokens (hash, device, created_at) SELECT $1, number, $2 FROM devices WHERE id = $3";
constexpr const char* replace_tokens =
    "UPDATE tokens SET replaced_at = $1 WHERE replaced_at IS NULL AND device = "
    "(SELECT number FROM devices WHERE id = $2)";
constexpr const char* touch_device = "UPDATE devices SET revision = $1 WHERE id = $2 AND removed_at IS NULL";
constexpr const char* remove_device_by_id =
    "UPDATE devices SET revision = $1, removed_at = $2 WHERE id = $3 AND removed_at IS NULL";
constexpr const char* delete_tokens_by_id =
    "DELETE FROM tokens WHERE device = (SELECT number FROM devices WHERE id = $1)";
constexpr const char* select_all =
    "SELECT d.number, d.id, d.created_at, d.removed_at, t.hash, t.replaced_at, e.device FROM devices d "
    "LEFT JOIN tokens t ON t.device = d.number LEFT JOIN erased_devices e ON e.device = d.number WHERE d.revision <= "
    "$1 ORDER BY d.number";
// With both ends, the planner knows that the range is short and uses its index; otherwise it scans a million devices.
constexpr const char* select_changes =
    "SELECT d.number, d.id, d.created_at, d.removed_at, t.hash, t.replaced_at, e.device FROM devices d "
    "LEFT JOIN tokens t ON t.device = d.number LEFT JOIN erased_devices e ON e.device = d.number WHERE d.revision <= "
    "$1 AND d.revision > $2 ORDER BY d.number";
constexpr const char* select_by_id =
    "SELECT d.number, d.id, d.created_at, d.removed_at, t.hash, t.replaced_at, e.device FROM devices d "
    "LEFT JOIN tokens t ON t.device = d.number LEFT JOIN erased_devices e ON e.device = d.number WHERE d.id = $1";
constexpr const char* select_by_number =
    "SELECT d.number, d.id, d.created_at, d.removed_at, t.hash, t.replaced_at, e.device FROM devices d "
    "LEFT JOIN tokens t ON t.device = d.number LEFT JOIN erased_devices e ON e.device = d.number WHERE d.number = $1";

std::string_view bytes_of(const TokenHash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

TokenHash token_hash_from(std::string_view bytes) {
  TokenHash hash{};
  std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), hash.size())),
                 hash.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return hash;
}

Failure not_found(const DeviceId& id) { return fail(Errc::not_found, "no device " + id.text()); }

class SqlDeviceRegistry final : public DeviceRegistry {
 public:
  explicit SqlDeviceRegistry(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<void> add(std::span<const NewDevice> devices, ServerTime now) override {
    auto transaction = begin_alone();
    if (!transaction) return transaction.failure();
    auto greatest = read_greatest();
    if (!greatest) return greatest.failure();
    std::vector<Value> device_cells;
    std::vector<Value> token_cells;
    for (const NewDevice& device : devices) {
      device_cells.insert(device_cells.end(), {cell(++greatest->number), std::string_view(device.id.text()), cell(now),
                                               cell(greatest->revision + 1)});
      token_cells.insert(token_cells.end(),
                         {Blob{bytes_of(device.token)}, cell(now), std::string_view(device.id.text())});
    }
    const auto added = connection_->execute_many(upsert_device, device_cells);
    if (!added) return added.failure();
    for (std::size_t i = 0; i < devices.size(); ++i) {
      if (const std::string& id = devices[i].id.text(); !(*added)[i]) {
        return fail(Errc::conflict, "device " + id + " is there already; `packwalk device rotate-token " + id +
                                        "` gives it a new token");
      }
    }
    if (auto made = write(insert_token, token_cells); !made) return made;
    return transaction->commit();
  }

  Result<void> replace_token(const DeviceId& id, const TokenHash& token, ServerTime now) override {
    return change(id, [&](std::int64_t revision) -> Result<bool> {
      auto touched = execute(touch_device, {cell(revision), std::string_view(id.text())});
      if (!touched || !*touched) return touched;
      if (auto done = execute(replace_tokens, {cell(now), std::string_view(id.text())}); !done) return done;
      return execute(insert_token, {Blob{bytes_of(token)}, cell(now), std::string_view(id.text())});
    });
  }

  Result<void> remove(const DeviceId& id, ServerTime now) override {
    return change(id, [&](std::int64_t revision) -> Result<bool> {
      auto removed = execute(remove_device_by_id, {cell(revision), cell(now), std::string_view(id.text())});
      if (!removed || !*removed) return removed;
      if (auto done = execute(delete_tokens_by_id, {std::string_view(id.text())}); !done) return done;
      return true;
    });
  }

  Result<std::optional<DeviceRecord>> find(const DeviceKey& key) override {
    const auto* id = std::get_if<DeviceId>(&key);
    const Value value = id ? Value(std::string_view(id->text())) : cell(std::get<DeviceNumber>(key).value);
    std::optional<DeviceRecord> found;
    auto read = each_device(
        id ? select_by_id : select_by_number, {&value, 1}, [&](const DeviceRecord& record) { found = record; },
        leave_out);
    if (!read) return read.failure();
    return found;
  }

  Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take,
                                     const ForgetDevice& forget) override {
    std::int64_t newest = revision;
    auto asked = connection_->query(select_revision, {}, [&](const Row& row) { newest = row.integer(0); });
    if (!asked) return asked.failure();
    if (newest <= revision) return revision;  // as nearly always
    const Value range[] = {cell(newest), cell(revision)};
    const bool first_time = revision == 0;
    const auto values = std::span(range).first(first_time ? 1 : 2);
    auto read = each_device(first_time ? select_all : select_changes, values, take, forget);
    if (!read) return read.failure();
    return newest;
  }

 private:
  struct Greatest {
    std::int64_t number = 0;
    std::int64_t revision = 0;
  };

  /// The rows of a device follow each other, one for each of its tokens.
  Result<void> each_device(const char* statement, std::span<const Value> values, const TakeDevice& take,
                           const ForgetDevice& forget) {
    std::optional<DeviceRecord> record;
    auto asked = connection_->query(statement, values, [&](const Row& row) {
      if (!row.is_null(6)) return forget(DeviceNumber{row.integer(0)});
      if (!record || record->device.number.value != row.integer(0)) {
        if (record) give(*record, take);
        record = record_at(row);
      }
      // Leaves out devices with an invalid id, and invalid hashes, because no token can match them.
      if (!record || row.is_null(4) || row.bytes(4).size() != TokenHash().size()) return;
      const TokenHash hash = token_hash_from(row.bytes(4));
      if (row.is_null(5)) {
        record->token = hash;
      } else {
        record->replaced_tokens.push_back(hash);
      }
    });
    if (asked && record) give(*record, take);
    return asked;
  }

  /// The statement does not define the order of a device's tokens.
  static void give(DeviceRecord& record, const TakeDevice& take) {
    std::sort(record.replaced_tokens.begin(), record.replaced_tokens.end());
    take(record);
  }

  static std::optional<DeviceRecord> record_at(const Row& row) {
    auto id = DeviceId::from_text(row.bytes(1));
    if (!id) return std::nullopt;
    RegisteredDevice device{
        .number = DeviceNumber{row.integer(0)}, .id = *std::move(id), .created_at = server_time(row.integer(2))};
    if (!row.is_null(3)) device.removed_at = server_time(row.integer(3));
    return DeviceRecord{std::move(device), std::nullopt, {}};
  }

  /// Numbers and revisions are one more than the greatest, so no other process may choose meanwhile.
  Result<Transaction> begin_alone() {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction;
    if (auto alone = connection_->be_alone("devices"); !alone) return alone.failure();
    return transaction;
  }

  Result<Greatest> read_greatest() {
    Greatest greatest;
    auto asked = connection_->query(select_greatest, {}, [&](const Row& row) {
      greatest = {row.integer(0), row.integer(1)};
    });
    if (!asked) return asked.failure();
    return greatest;
  }

  /// One transaction around `make`, which gets the new revision and returns whether the device exists.
  Result<void> change(const DeviceId& id, const std::function<Result<bool>(std::int64_t)>& make) {
    auto transaction = begin_alone();
    if (!transaction) return transaction.failure();
    const auto greatest = read_greatest();
    if (!greatest) return greatest.failure();
    const auto made = make(greatest->revision + 1);
    if (!made) return made.failure();
    if (!*made) return not_found(id);
    return transaction->commit();
  }

  Result<bool> execute(const char* statement, std::initializer_list<Value> values) {
    const auto changed = connection_->execute_many(statement, std::span(values.begin(), values.size()));
    if (!changed) return changed.failure();
    return changed->front();
  }

  Result<void> write(const char* statement, std::span<const Value> cells) {
    const auto written = connection_->execute_many(statement, cells);
    if (!written) return written.failure();
    return {};
  }

  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<DeviceRegistry> make_sql_device_registry(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlDeviceRegistry>(std::move(connection));
}

}  // namespace packwalk::sql
