#include "adapters/postgres/partitions.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace packwalk::sql {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr int days_ahead = 3;
constexpr int months_ahead = 2;
constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t second_micros = 1'000'000;

enum class Length { day, month };

struct Division {
  const char* table;
  const char* column;
  std::int64_t units_a_second;
  Length length;
};
constexpr std::array divisions = {
    Division{"messages", "received_at", second_micros, Length::day},
    Division{"fixes", "timestamp", 1, Length::month},
    Division{"samples", "timestamp", 1, Length::month},
};

std::int64_t days_since_1970(sys_days day) { return day.time_since_epoch().count(); }

Partition partition_at(const Division& division, std::int64_t seconds) {
  const sys_days day{
      std::chrono::days(seconds >= 0 ? seconds / day_seconds : -((day_seconds - 1 - seconds) / day_seconds))};
  const year_month_day date(day);
  const bool by_day = division.length == Length::day;
  const year_month month(date.year(), date.month());
  const sys_days first = by_day ? day : sys_days(month / 1);
  const sys_days next = by_day ? day + std::chrono::days(1) : sys_days((month + std::chrono::months(1)) / 1);
  std::array<char, 48> name{};
  const int size = by_day ? std::snprintf(name.data(), name.size(), "%s_%04d%02u%02u", division.table, int(date.year()),
                                          unsigned(date.month()), unsigned(date.day()))
                          : std::snprintf(name.data(), name.size(), "%s_%04d%02u", division.table, int(date.year()),
                                          unsigned(date.month()));
  const std::int64_t units_a_day = day_seconds * division.units_a_second;
  return {division.table, std::string(name.data(), static_cast<std::size_t>(size)),
          days_since_1970(first) * units_a_day, days_since_1970(next) * units_a_day};
}

std::int64_t floor_seconds(const Division& division, std::int64_t value) {
  return value >= 0 ? value / division.units_a_second
                    : -((division.units_a_second - 1 - value) / division.units_a_second);
}

/// Fixes and samples: their keys decide the verdicts of new packets.
bool judges(const Partition& partition) { return partition.table != std::string_view("messages"); }

/// In the block that makes `partition`.
std::string refusal_of(const Partition& partition) {
  if (!judges(partition)) return "";
  const std::string is_known = "EXISTS (SELECT FROM partitions WHERE name = '" + partition.name + "'";
  return "IF " + is_known + " AND gone IS NOT NULL) THEN RAISE EXCEPTION '" + partition.name +
         " is no longer kept' USING ERRCODE = '22008'; END IF; IF to_regclass('" + partition.name + "') IS NULL AND " +
         is_known + ") THEN RAISE EXCEPTION '" + partition.name +
         " is lost, and with it which packets were accepted: restore it, or delete its row in partitions' "
         "USING ERRCODE = 'P0002'; END IF; ";
}

Result<void> make_partition(const Client& client, const Partition& partition, std::chrono::seconds patience) {
  // The text consists of numbers and of the names above. The timeout: while it waits, the caller holds locks that the
  // database cannot detect.
  const std::string text =
      std::string("BEGIN; SET LOCAL lock_timeout = '5s'; ") + lock_partitions +
      "; DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass('" + partition.name +
      "')) THEN " + refusal_of(partition) + "CREATE TABLE IF NOT EXISTS " + partition.name + " (LIKE " +
      partition.table + " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE); ALTER TABLE " + partition.table +
      " ATTACH PARTITION " + partition.name + " FOR VALUES FROM (" + std::to_string(partition.from) + ") TO (" +
      std::to_string(partition.until) + "); INSERT INTO partitions (name, parent, until) VALUES ('" + partition.name +
      "', '" + partition.table + "', " + std::to_string(partition.until) +
      ") ON CONFLICT (name) DO UPDATE SET gone = NULL; END IF; END $$; COMMIT";
  return run_simple(client, text.c_str(), patience);
}

}  // namespace

std::set<Partition> partitions_of(const Table& table, std::span<const Value> cells) {
  const auto* division = std::find_if(divisions.begin(), divisions.end(),
                                      [&](const Division& each) { return std::strcmp(each.table, table.name) == 0; });
  if (division == divisions.end()) return {};
  const std::size_t width = table.columns.size();
  const auto column = static_cast<std::size_t>(
      std::find_if(table.columns.begin(), table.columns.end(),
                   [&](const Column& each) { return std::strcmp(each.name, division->column) == 0; }) -
      table.columns.begin());
  std::set<Partition> found;
  std::optional<Partition> last;
  for (std::size_t i = column; i < cells.size(); i += width) {
    const std::int64_t value = std::get<std::int64_t>(cells[i]);
    if (last && value >= last->from && value < last->until) continue;
    last = partition_at(*division, floor_seconds(*division, value));
    found.insert(*last);
  }
  return found;
}

std::set<Partition> partitions_ahead(ServerTime now) {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::set<Partition> ahead;
  for (const Division& division : divisions) {
    Partition partition = partition_at(division, seconds);
    for (int i = 0; i <= (division.length == Length::day ? days_ahead : months_ahead); ++i) {
      ahead.insert(partition);
      partition = partition_at(division, floor_seconds(division, partition.until));
    }
  }
  return ahead;
}

std::vector<Partition> partitions_before(const char* table, const std::vector<std::string>& names,
                                         std::int64_t cutoff) {
  const auto* division = std::find_if(divisions.begin(), divisions.end(),
                                      [&](const Division& each) { return std::strcmp(each.table, table) == 0; });
  std::vector<Partition> found;
  for (const std::string& name : names) {
    const std::string_view digits = std::string_view(name).substr(std::min(name.size(), std::strlen(table) + 1));
    const auto date = number_from<unsigned>(digits.size() == 6 ? std::string(digits) + "01" : std::string(digits));
    if (!date) continue;
    const year_month_day first(std::chrono::year(static_cast<int>(*date / 10'000)),
                               std::chrono::month(*date / 100 % 100), std::chrono::day(*date % 100));
    if (!first.ok()) continue;
    Partition partition = partition_at(*division, days_since_1970(sys_days(first)) * day_seconds);
    if (partition.name == name && partition.until <= cutoff) found.push_back(std::move(partition));
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<void> make_partitions(const std::string& url, const std::set<Partition>& partitions,
                             std::chrono::seconds patience) {
  if (partitions.empty()) return {};
  const auto client = connect_client(url);
  if (!client) return client.failure();
  for (const Partition& partition : partitions) {
    if (auto made = make_partition(*client, partition, patience); !made) return made;
  }
  return {};
}

Result<std::size_t> Partitions::make_for(const Table& table, std::span<const Value> cells, const Client& client) {
  const std::set<Partition> needed = partitions_of(table, cells);
  std::set<Partition> missing;
  std::set_difference(needed.begin(), needed.end(), known_.begin(), known_.end(),
                      std::inserter(missing, missing.end()));
  if (auto made = make_partitions(url_, missing, patience_); !made) return made.failure();
  for (const Partition& partition : missing) {
    // A transaction that has used the table sees new partitions only when it locks something for the first time.
    const std::string touch = "SELECT FROM " + partition.name + " LIMIT 0";
    if (auto touched = run_simple(client, touch.c_str(), patience_); !touched) return touched.failure();
  }
  known_.merge(missing);
  return needed.size();
}

}  // namespace packwalk::sql
