#include "adapters/sql/sql_ingest_store.h"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include "adapters/sql/event_rows.h"
#include "adapters/sql/sql_rows.h"
#include "adapters/sql/tables.h"
#include "base/order.h"

namespace packwalk::sql {
namespace {

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

/// Of the columns of `standing_fixes`; nothing for a position that is not on earth.
std::optional<ContentHash> hash_now(const Row& row, const FixClaim& /*claim*/) {
  const auto position = LatLon::from_degrees(row.real(3), row.real(4));
  if (!position) return std::nullopt;
  return hash_of(TrackPacket{.status = static_cast<std::uint8_t>(row.integer(7)),
                             .timestamp = device_time(row.integer(1)),
                             .position = *position,
                             .altitude = meters_at(row, 5),
                             .accuracy = meters_at(row, 6)});
}
/// Those of activity packets were never made otherwise.
std::optional<ContentHash> hash_now(const Row& /*row*/, const SampleClaim& /*claim*/) { return std::nullopt; }

template <class Things>
std::vector<Value> cells_of(const Things& things) {
  std::vector<Value> cells;
  cells.reserve(things.size() * 9);
  for (const auto& thing : things) append_cells(cells, thing);
  return cells;
}

constexpr const char* insert_unarchived = "INSERT INTO unarchived (first, last, messages) VALUES ($1, $2, $3)";
constexpr std::chrono::seconds listed_together_max{10};  // between two messages of one row

class SqlIngestTransaction final : public IngestTransaction {
 public:
  SqlIngestTransaction(Connection& connection, Transaction transaction, ListForArchive listing)
      : connection_(connection), transaction_(std::move(transaction)), listing_(listing) {}

  Result<std::vector<Standing>> claim(std::span<const FixClaim> claims) override {
    return claim_all(claims, fixes, standing_fixes, [](const FixClaim& claim) { return claim.fix.timestamp; });
  }
  Result<std::vector<Standing>> claim(std::span<const SampleClaim> claims) override {
    return claim_all(claims, samples, standing_samples,
                     [](const SampleClaim& claim) { return claim.sample.timestamp; });
  }

  Result<std::vector<CurrentState>> states(std::span<const DeviceNumber> devices) override {
    assert(is_strictly_increasing(devices));
    std::vector<CurrentState> found;
    found.reserve(devices.size());
    for (const DeviceNumber device : devices) found.push_back({.device = device});
    std::vector<bool> there(devices.size());
    if (auto asked = read_states(found, there); !asked) return asked.failure();
    std::vector<CurrentState> fresh;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!there[i]) fresh.push_back(found[i]);
    }
    if (fresh.empty()) return found;
    // Only a row that is there can be held. Another writer may have added it just before.
    if (auto added = connection_.insert(sql::states, cells_of(fresh)); !added) {
      return added.failure();
    }
    if (auto asked = read_states(found, there); !asked) return asked.failure();
    return found;
  }

  Result<std::vector<DeviceNumber>> erased(std::span<const DeviceNumber> devices) override {
    assert(is_strictly_increasing(devices));
    std::vector<Value> keys;
    keys.reserve(devices.size());
    for (const DeviceNumber device : devices) keys.push_back(cell(device));
    std::vector<DeviceNumber> found;
    auto asked = connection_.read(erased_devices, keys, Connection::Hold::no,
                                  [&](std::size_t i, const Row&) { found.push_back(devices[i]); });
    if (!asked) return asked.failure();
    std::sort(found.begin(), found.end());
    return found;
  }

  Result<void> put(std::span<const CurrentState> put_states) override {
    return connection_.put(sql::states, cells_of(put_states));
  }

  Result<std::vector<Occupant>> occupants(std::span<const Message> asked_for) override {
    std::vector<Value> keys;
    for (const Message& message : asked_for) {
      keys.insert(keys.end(), {cell(message.device), cell(message.received_at), cell(std::int64_t{message.ordinal})});
    }
    std::vector<Occupant> found(asked_for.size(), Occupant::none);
    auto asked = connection_.read(originals, keys, Connection::Hold::no, [&](std::size_t i, const Row& row) {
      found[i] = row.bytes(3) == asked_for[i].original ? Occupant::the_very_same : Occupant::another;
    });
    if (!asked) return asked.failure();
    return found;
  }

  Result<void> keep(std::span<const KeptMessage> kept_messages) override {
    const auto kept = connection_.insert(messages, cells_of(kept_messages));
    if (!kept) return kept.failure();
    if (std::find(kept->begin(), kept->end(), false) != kept->end()) {
      return fail(Errc::overloaded, "another writer has just used the key of a message");
    }
    for (const KeptMessage& each : kept_messages) arrivals_.push_back(each.message.received_at);
    return {};
  }

  Result<void> announce(std::span<const NewEvent> events) override { return insert_events(connection_, events); }
  Result<void> mark_stale(std::span<const StaleWindow> windows) override {
    assert(is_strictly_increasing(windows));
    auto added = connection_.insert(stale_windows, cells_of(windows));
    if (!added) return added.failure();
    return {};
  }
  Result<void> commit() override {
    if (listing_ == ListForArchive::yes) {
      if (auto listed = list_for_archive(); !listed) return listed;
    }
    return transaction_.commit();
  }

 private:
  template <class Claim, class TimeOf>
  Result<std::vector<Standing>> claim_all(std::span<const Claim> claims, const Table& table, const Table& standing,
                                          TimeOf time_of) {
    assert(
        is_strictly_increasing(claims, [&](const Claim& claim) { return std::tuple(claim.device, time_of(claim)); }));
    std::vector<Standing> standings(claims.size());
    std::vector<std::size_t> likely_taken;
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < claims.size(); ++i) (claims[i].is_likely_taken ? likely_taken : fresh).push_back(i);
    const auto look = [&](std::span<const std::size_t> indexes) -> Result<std::vector<std::size_t>> {
      std::vector<Value> keys;
      for (const std::size_t i : indexes) keys.insert(keys.end(), {cell(claims[i].device), cell(time_of(claims[i]))});
      std::vector<bool> found(indexes.size());
      auto asked = connection_.read(standing, keys, Connection::Hold::no, [&](std::size_t at, const Row& row) {
        standings[indexes[at]] = {false, hash_from(row.integer(2)), hash_now(row, claims[indexes[at]])};
        found[at] = true;
      });
      if (!asked) return asked.failure();
      std::vector<std::size_t> missing;
      for (std::size_t at = 0; at < indexes.size(); ++at) {
        if (!found[at]) missing.push_back(indexes[at]);
      }
      return missing;
    };
    const auto not_taken = look(likely_taken);
    if (!not_taken) return not_taken.failure();
    fresh.insert(fresh.end(), not_taken->begin(), not_taken->end());
    std::sort(fresh.begin(), fresh.end());
    std::vector<Claim> claimed;
    claimed.reserve(fresh.size());
    for (const std::size_t i : fresh) claimed.push_back(claims[i]);
    const auto won = connection_.insert(table, cells_of(claimed));
    if (!won) return won.failure();
    std::vector<std::size_t> lost;
    for (std::size_t at = 0; at < fresh.size(); ++at) {
      standings[fresh[at]] = {(*won)[at], claimed[at].hash};
      if (!(*won)[at]) lost.push_back(fresh[at]);
    }
    if (const auto stand = look(lost); !stand) return stand.failure();
    return standings;
  }

  Result<void> read_states(std::vector<CurrentState>& found, std::vector<bool>& there) {
    std::vector<std::size_t> wanted;
    std::vector<Value> keys;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (there[i]) continue;
      wanted.push_back(i);
      keys.push_back(cell(found[i].device));
    }
    return connection_.read(sql::states, keys, Connection::Hold::yes, [&](std::size_t i, const Row& row) {
      CurrentState& state = found[wanted[i]];
      state = state_at(row, state.device, 1);
      there[wanted[i]] = true;
    });
  }

  /// Stretches of time that hold all that was kept, a row each: mostly one.
  Result<void> list_for_archive() {
    std::sort(arrivals_.begin(), arrivals_.end());
    std::vector<Value> cells;
    for (auto first = arrivals_.begin(); first != arrivals_.end();) {
      auto next = std::adjacent_find(first, arrivals_.end(),
                                     [](ServerTime a, ServerTime b) { return b - a > listed_together_max; });
      if (next != arrivals_.end()) ++next;
      cells.insert(cells.end(), {cell(*first), cell(*(next - 1)), cell(std::int64_t{next - first})});
      first = next;
    }
    auto listed = connection_.execute_many(insert_unarchived, cells);
    if (!listed) return listed.failure();
    return {};
  }

  Connection& connection_;
  Transaction transaction_;
  const ListForArchive listing_;
  std::vector<ServerTime> arrivals_;
};

class SqlIngestStore final : public IngestStore {
 public:
  SqlIngestStore(std::unique_ptr<Connection> connection, ListForArchive listing)
      : connection_(std::move(connection)), listing_(listing) {}

  Result<std::unique_ptr<IngestTransaction>> begin() override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    return std::make_unique<SqlIngestTransaction>(*connection_, std::move(*transaction), listing_);
  }

 private:
  std::unique_ptr<Connection> connection_;
  const ListForArchive listing_;
};

}  // namespace

std::unique_ptr<IngestStore> make_sql_ingest_store(std::unique_ptr<Connection> connection, ListForArchive listing) {
  return std::make_unique<SqlIngestStore>(std::move(connection), listing);
}

}  // namespace packwalk::sql
