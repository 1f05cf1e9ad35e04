#include "floor_sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "adapters/sqlite/sqlite_migrations.h"
#include "figures.h"

namespace packwalk::bench {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};

void run(sqlite3* db, const char* text) {
  if (sqlite3_exec(db, text, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db));
}

sqlite3_stmt* prepare(sqlite3* db, const char* text) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, text, -1, &statement, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db));
  return statement;
}

void step(sqlite3* db, sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
  sqlite3_reset(statement);
}

struct Packet {
  std::int64_t device;
  std::int64_t timestamp;
};

class BareDatabase {
 public:
  explicit BareDatabase(const std::string& path) {
    sqlite3* raw = nullptr;
    sqlite3_open(path.c_str(), &raw);
    db_.reset(raw);
    run(raw,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
        "PRAGMA wal_autocheckpoint = 4096");
    for (const char* migration : sql::sqlite_migrations) run(raw, migration);
    message_ = prepare(raw, "INSERT INTO messages VALUES (?, ?, ?, 1, 0, NULL, ?, ?)");
    fix_ = prepare(raw, "INSERT INTO fixes VALUES (?, ?, 48.7, 44.5, 40, 6, 1, ?, ?)");
    state_ = prepare(raw,
                     "INSERT INTO states VALUES (?, ?, 48.7, 44.5, 40, 6, 1, ?, 1, ?, 1, ?, 1, 0, 0, 0, 0) "
                     "ON CONFLICT (device) DO UPDATE SET fix_timestamp = excluded.fix_timestamp, fixes = fixes + 1");
  }
  ~BareDatabase() {
    for (sqlite3_stmt* statement : {message_, fix_, state_}) sqlite3_finalize(statement);
  }
  BareDatabase(const BareDatabase&) = delete;
  BareDatabase& operator=(const BareDatabase&) = delete;

  /// Sorted by key; the state of a device once.
  void write(const std::vector<Packet>& packets) {
    run(db_.get(), "BEGIN IMMEDIATE");
    for (const Packet& packet : packets) {
      ++received_at_;
      bind(message_, {packet.device, received_at_, 0, received_at_ * 31});
      sqlite3_bind_blob(message_, 5, "0123456789abcdef", 16, SQLITE_STATIC);
      step(db_.get(), message_);
    }
    for (const Packet& packet : packets) {
      bind(fix_, {packet.device, packet.timestamp, received_at_, received_at_ * 31});
      step(db_.get(), fix_);
    }
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i + 1 < packets.size() && packets[i + 1].device == packets[i].device) continue;
      bind(state_, {packets[i].device, packets[i].timestamp, received_at_, packets[i].timestamp, received_at_});
      step(db_.get(), state_);
    }
    run(db_.get(), "COMMIT");
  }

 private:
  static void bind(sqlite3_stmt* statement, std::initializer_list<std::int64_t> values) {
    int index = 0;
    for (const std::int64_t value : values) sqlite3_bind_int64(statement, ++index, value);
  }

  std::unique_ptr<sqlite3, CloseDatabase> db_;
  sqlite3_stmt* message_ = nullptr;
  sqlite3_stmt* fix_ = nullptr;
  sqlite3_stmt* state_ = nullptr;
  std::int64_t received_at_ = 1'767'261'600'000'000;
};

}  // namespace

double bare_sqlite_rate(const std::string& path, std::size_t devices, std::size_t run_length, std::size_t transaction,
                        double seconds) {
  BareDatabase database(path);
  std::mt19937_64 random(1);
  std::vector<std::int64_t> clocks(devices, 1'767'261'600);
  std::size_t written = 0;
  const auto started = Clock::now();
  while (seconds_since(started) < seconds) {
    std::vector<Packet> packets;
    while (packets.size() < transaction) {
      const std::size_t device = random() % devices;
      for (std::size_t i = 0; i < run_length && packets.size() < transaction; ++i) {
        packets.push_back({static_cast<std::int64_t>(device) + 1, ++clocks[device]});
      }
    }
    std::sort(packets.begin(), packets.end(), [](const Packet& a, const Packet& b) {
      return std::pair(a.device, a.timestamp) < std::pair(b.device, b.timestamp);
    });
    database.write(packets);
    written += packets.size();
  }
  return static_cast<double>(written) / seconds_since(started);
}

}  // namespace packwalk::bench
