#include "adapters/sql/sql_ingest_store.h"

#include <utility>

#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

constexpr const char* insert_fix =
    "INSERT INTO fixes (device, timestamp, lat, lon, altitude, accuracy, status, received_at, hash) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (device, timestamp) DO NOTHING";
constexpr const char* standing_fix = "SELECT hash FROM fixes WHERE device = $1 AND timestamp = $2";
constexpr const char* insert_sample =
    "INSERT INTO samples (device, timestamp, activity, steps, status, received_at, hash) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (device, timestamp) DO NOTHING";
constexpr const char* standing_sample = "SELECT hash FROM samples WHERE device = $1 AND timestamp = $2";
constexpr const char* select_state = "SELECT " PACKWALK_STATE_COLUMNS " FROM states WHERE device = $1";
constexpr const char* upsert_state =
    "INSERT INTO states (device, " PACKWALK_STATE_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) "
    "ON CONFLICT (device) DO UPDATE SET lat = excluded.lat, lon = excluded.lon, altitude = excluded.altitude, "
    "accuracy = excluded.accuracy, fix_timestamp = excluded.fix_timestamp, "
    "fix_received_at = excluded.fix_received_at, fix_status = excluded.fix_status, status = excluded.status, "
    "status_timestamp = excluded.status_timestamp, status_family = excluded.status_family, "
    "last_seen = excluded.last_seen, fixes = excluded.fixes, samples = excluded.samples, "
    "duplicates = excluded.duplicates, conflicts = excluded.conflicts, invalid = excluded.invalid";
constexpr const char* insert_message =
    "INSERT INTO messages (device, received_at, ordinal, transport, verdict, reason, hash, content) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (device, received_at, ordinal) DO NOTHING";
constexpr const char* select_message =
    "SELECT content FROM messages WHERE device = $1 AND received_at = $2 AND ordinal = $3";
constexpr const char* insert_stale =
    "INSERT INTO stale_windows (device, window_start) VALUES ($1, $2) ON CONFLICT (device, window_start) DO NOTHING";

void append_cells(std::vector<Value>& cells, const FixClaim& claim) {
  const Fix& fix = claim.fix;
  cells.insert(cells.end(), {cell(claim.device), cell(fix.timestamp), cell(fix.position.latitude()),
                             cell(fix.position.longitude()), cell(fix.altitude), cell(fix.accuracy), cell(fix.status),
                             cell(fix.received_at), hash_cell(claim.hash)});
}

void append_cells(std::vector<Value>& cells, const SampleClaim& claim) {
  const Sample& sample = claim.sample;
  cells.insert(cells.end(), {cell(claim.device), cell(sample.timestamp),
                             cell(static_cast<std::uint8_t>(sample.activity)), cell(std::int64_t{sample.steps}),
                             cell(sample.status), cell(sample.received_at), hash_cell(claim.hash)});
}

void append_cells(std::vector<Value>& cells, const CurrentState& state) {
  cells.push_back(cell(state.device));
  if (const auto& fix = state.last_fix) {
    cells.insert(cells.end(), {cell(fix->position.latitude()), cell(fix->position.longitude()), cell(fix->altitude),
                               cell(fix->accuracy), cell(fix->timestamp), cell(fix->received_at), cell(fix->status)});
  } else {
    cells.insert(cells.end(), 7, Value());
  }
  if (const auto& status = state.status) {
    cells.insert(cells.end(),
                 {cell(status->status), cell(status->timestamp), cell(static_cast<std::uint8_t>(status->family))});
  } else {
    cells.insert(cells.end(), 3, Value());
  }
  cells.push_back(state.last_seen ? cell(*state.last_seen) : Value());
  const MessageCounts& counts = state.counts;
  cells.insert(cells.end(), {cell(counts.fixes), cell(counts.samples), cell(counts.duplicates), cell(counts.conflicts),
                             cell(counts.invalid)});
}

void append_cells(std::vector<Value>& cells, const KeptMessage& kept) {
  const Message& message = kept.message;
  cells.insert(cells.end(),
               {cell(message.device), cell(message.received_at), cell(std::int64_t{message.ordinal}),
                cell(static_cast<std::uint8_t>(message.transport)), cell(static_cast<std::uint8_t>(kept.verdict)),
                kept.reason.empty() ? Value() : Value(std::string_view(kept.reason)), hash_cell(message.hash),
                Blob{message.original}});
}

void append_cells(std::vector<Value>& cells, const StaleWindow& window) {
  cells.insert(cells.end(), {cell(window.device), cell(window.from)});
}

template <class Things>
std::vector<Value> cells_of(const Things& things) {
  std::vector<Value> cells;
  cells.reserve(things.size() * 9);
  for (const auto& thing : things) append_cells(cells, thing);
  return cells;
}

class SqlIngestTransaction final : public IngestTransaction {
 public:
  SqlIngestTransaction(Connection& connection, Transaction transaction)
      : connection_(connection), transaction_(std::move(transaction)) {}

  Result<std::vector<Standing>> claim(std::span<const FixClaim> fixes) override {
    return claim_all(fixes, insert_fix, standing_fix, [](const FixClaim& claim) { return claim.fix.timestamp; });
  }
  Result<std::vector<Standing>> claim(std::span<const SampleClaim> samples) override {
    return claim_all(samples, insert_sample, standing_sample,
                     [](const SampleClaim& claim) { return claim.sample.timestamp; });
  }

  Result<std::vector<CurrentState>> states(std::span<const DeviceNumber> devices) override {
    std::vector<CurrentState> states;
    states.reserve(devices.size());
    for (const DeviceNumber device : devices) {
      CurrentState& state = states.emplace_back(CurrentState{.device = device});
      const Value key = cell(device);
      auto asked =
          connection_.query(select_state, {&key, 1}, [&](const Row& row) { state = state_at(row, device, 0); });
      if (!asked) return tl::unexpected(std::move(asked.error()));
    }
    return states;
  }

  Result<void> put(std::span<const CurrentState> states) override { return write(upsert_state, cells_of(states)); }

  Result<std::vector<bool>> are_kept(std::span<const Message> messages) override {
    std::vector<bool> kept(messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const Message& message = messages[i];
      const Value key[] = {cell(message.device), cell(message.received_at), cell(std::int64_t{message.ordinal})};
      auto asked =
          connection_.query(select_message, key, [&](const Row& row) { kept[i] = row.bytes(0) == message.original; });
      if (!asked) return tl::unexpected(std::move(asked.error()));
    }
    return kept;
  }

  Result<void> keep(std::span<const KeptMessage> messages) override {
    const auto kept = connection_.execute_many(insert_message, cells_of(messages));
    if (!kept) return tl::unexpected(kept.error());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if ((*kept)[i]) continue;
      if (auto done = keep_later(messages[i]); !done) return done;
    }
    return {};
  }

  Result<void> mark_stale(std::span<const StaleWindow> windows) override {
    return write(insert_stale, cells_of(windows));
  }
  Result<void> commit() override { return transaction_.commit(); }

 private:
  template <class Claim, class TimeOf>
  Result<std::vector<Standing>> claim_all(std::span<const Claim> claims, const char* insert, const char* standing,
                                          TimeOf time_of) {
    const auto won = connection_.execute_many(insert, cells_of(claims));
    if (!won) return tl::unexpected(won.error());
    std::vector<Standing> standings(claims.size());
    for (std::size_t i = 0; i < claims.size(); ++i) {
      standings[i] = {(*won)[i], claims[i].hash};
      if (standings[i].won) continue;
      const Value key[] = {cell(claims[i].device), cell(time_of(claims[i]))};
      auto asked =
          connection_.query(standing, key, [&](const Row& row) { standings[i].hash = hash_from(row.integer(0)); });
      if (!asked) return tl::unexpected(std::move(asked.error()));
    }
    return standings;
  }

  /// The machine's clock went back, and told a time a second time.
  Result<void> keep_later(KeptMessage message) {
    for (bool kept = false; !kept;) {
      message.message.received_at += std::chrono::microseconds(1);
      const auto changed = connection_.execute_many(insert_message, cells_of(std::span(&message, 1)));
      if (!changed) return tl::unexpected(changed.error());
      kept = changed->front();
    }
    return {};
  }

  Result<void> write(const char* statement, std::span<const Value> cells) {
    auto written = connection_.execute_many(statement, cells);
    if (!written) return tl::unexpected(std::move(written.error()));
    return {};
  }

  Connection& connection_;
  Transaction transaction_;
};

class SqlIngestStore final : public IngestStore {
 public:
  explicit SqlIngestStore(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<std::unique_ptr<IngestTransaction>> begin() override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return tl::unexpected(std::move(transaction.error()));
    return std::make_unique<SqlIngestTransaction>(*connection_, std::move(*transaction));
  }

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<IngestStore> make_sql_ingest_store(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlIngestStore>(std::move(connection));
}

}  // namespace packwalk::sql
