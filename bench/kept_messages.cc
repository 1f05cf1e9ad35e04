#include "kept_messages.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "adapters/postgres/partitions.h"
#include "adapters/sql/tables.h"
#include "core/walk/place_cell.h"
#include "installation.h"

namespace packwalk::bench {
namespace {

constexpr std::int64_t message_step_seconds = 60;
constexpr std::int64_t second_micros = 1'000'000;

struct Filled {
  const sql::Table& table;
  std::size_t column;           // that divides it
  std::int64_t units_a_second;  // of that column
  const char* row;              // of a second t and a device d
};
const Filled filled_messages{
    sql::messages, 1, second_micros,
    "INSERT INTO %s (device, received_at, ordinal, transport, verdict, reason, hash, content) SELECT d, t * 1000000 + "
    "d, 0, 1, 0, NULL, hashint8extended(t * 10000 + d, 0), '\\x0123456789abcdef0123456789abcdef'"};
const Filled filled_fixes{
    sql::fixes, 1, 1,
    "INSERT INTO %s (device, timestamp, lat, lon, altitude, accuracy, status, received_at, hash) SELECT d, t, random() "
    "* 170 - 85, random() * 359.9 - 179.95, 40, 6, 1, t * 1000000 + d, hashint8extended(t * 10000 + d, 0)"};

sql::Partition partition_at(const Filled& filled, std::int64_t second) {
  std::vector<sql::Value> cells(filled.table.columns.size(), std::int64_t{0});
  cells[filled.column] = second * filled.units_a_second;
  return *sql::partitions_of(filled.table, cells).begin();
}

/// In the place of the partition that was made ahead.
void fill(const std::string& url, const Filled& filled, std::int64_t from, std::int64_t until, std::int64_t devices,
          std::int64_t step_seconds) {
  for (std::int64_t second = from; second < until;) {
    const sql::Partition partition = partition_at(filled, second);
    const std::int64_t end = std::min(until, partition.until / filled.units_a_second);
    std::string insert = filled.row;
    insert.replace(insert.find("%s"), 2, partition.name);
    const std::string table = filled.table.name;
    run_statement(url,
                  "SET client_min_messages = warning; SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; "
                  "DROP TABLE IF EXISTS " +
                      partition.name + "; CREATE TABLE " + partition.name + " (LIKE " + table +
                      " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE); " + insert +
                      " FROM generate_series(" + std::to_string(second) + "::bigint, " + std::to_string(end - 1) +
                      ", " + std::to_string(step_seconds) + ") t, generate_series(1, " + std::to_string(devices) +
                      ") d; ALTER TABLE " + table + " ATTACH PARTITION " + partition.name + " FOR VALUES FROM (" +
                      std::to_string(partition.from) + ") TO (" + std::to_string(partition.until) + ")");
    run_statement(url, "VACUUM (ANALYZE) " + partition.name);
    second += (end - second + step_seconds - 1) / step_seconds * step_seconds;
  }
}

}  // namespace

void keep_messages(const std::string& url, std::int64_t count, std::int64_t devices, std::int64_t until) {
  const std::int64_t from = until - count / devices * message_step_seconds;
  std::exception_ptr failure;
  std::thread fixes([&] {
    try {
      fill(url, filled_fixes, from, until, devices, message_step_seconds);
    } catch (...) {
      failure = std::current_exception();
    }
  });
  fill(url, filled_messages, from, until, devices, message_step_seconds);
  fixes.join();
  if (failure) std::rethrow_exception(failure);
  run_statement(url, "CHECKPOINT");
}

void keep_fixes(const std::string& url, std::int64_t count, std::int64_t devices, std::int64_t until) {
  constexpr std::int64_t step_seconds = 5;
  const std::int64_t from = until - count / devices * step_seconds;
  fill(url, filled_fixes, from, until, devices, step_seconds);
  run_statement(url, "INSERT INTO place_cells SELECT slice, (random() * 1e17)::bigint, device FROM generate_series(" +
                         std::to_string(from / place_slice_length) + "::bigint, " +
                         std::to_string(until / place_slice_length - 1) + ") slice, generate_series(1, " +
                         std::to_string(devices) + ") device");
  run_statement(url, "VACUUM (ANALYZE) place_cells");
  run_statement(url, "CHECKPOINT");
}

}  // namespace packwalk::bench
