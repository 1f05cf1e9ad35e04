#include "postgis_walks.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "core/geo/ecef.h"
#include "core/walk/near.h"
#include "installation.h"
#include "processor_time.h"

namespace packwalk::bench {
namespace {

/// A second of one core is compared with a second of one core.
constexpr const char* settings =
    "SET max_parallel_workers_per_gather = 0; SET work_mem = '1GB'; SET maintenance_work_mem = '1GB'; SET jit = off; ";

constexpr const char* make_tables =
    "SET client_min_messages = warning;"
    "CREATE EXTENSION IF NOT EXISTS postgis;"
    "CREATE EXTENSION IF NOT EXISTS btree_gist;"
    "DROP TABLE IF EXISTS walk_fixes, walk_points, walk_lines;"
    "CREATE UNLOGGED TABLE walk_fixes (dog integer, t integer, x float8, y float8)";

constexpr const char* make_points =
    "CREATE UNLOGGED TABLE walk_points AS SELECT dog, s AS t, ST_SetSRID(ST_MakePoint("
    "x + (coalesce(next_x, x) - x) * (s - t) / coalesce(next_t - t, 1), "
    "y + (coalesce(next_y, y) - y) * (s - t) / coalesce(next_t - t, 1)), 32638) AS place "
    "FROM (SELECT *, lead(t) OVER w AS next_t, lead(x) OVER w AS next_x, lead(y) OVER w AS next_y FROM walk_fixes "
    "WINDOW w AS (PARTITION BY dog ORDER BY t)) f, generate_series(t, coalesce(next_t - 1, t)) s;"
    "ALTER TABLE walk_points ADD PRIMARY KEY (dog, t)";

/// Cut where a minute ends, at a point between two fixes.
constexpr const char* make_lines =
    "CREATE UNLOGGED TABLE walk_lines AS WITH legs AS (SELECT *, lead(t) OVER w AS next_t, lead(x) OVER w AS next_x, "
    "lead(y) OVER w AS next_y, (t / 60 + 1) * 60 AS cut FROM walk_fixes WINDOW w AS (PARTITION BY dog ORDER BY t)), "
    "cuts AS (SELECT dog, cut, next_t, x + (next_x - x) * (cut - t) / (next_t - t) AS x, y + (next_y - y) * (cut - t) "
    "/ "
    "(next_t - t) AS y FROM legs WHERE next_t >= cut), vertices AS (SELECT dog, t / 60 AS minute, t, x, y FROM "
    "walk_fixes UNION ALL SELECT dog, cut / 60 - 1, cut, x, y FROM cuts UNION ALL SELECT dog, cut / 60, cut, x, y FROM "
    "cuts WHERE next_t > cut) SELECT dog, minute, ST_SetSRID(ST_MakeLine(ST_MakePointM(x, y, t) ORDER BY t), 32638) AS "
    "line FROM vertices GROUP BY dog, minute HAVING count(*) > 1;"
    "CREATE INDEX walk_lines_by_place ON walk_lines USING gist (minute, line)";

constexpr const char* near_by_points =
    "SELECT a.dog AS a, b.dog AS b, a.t FROM walk_points a JOIN walk_points b ON a.t = b.t AND a.dog < b.dog AND "
    "ST_DWithin(a.place, b.place, %s)";

/// Lines that come close: the others' seconds need not be looked at.
constexpr const char* near_by_lines =
    "SELECT a, b, t FROM (SELECT a.dog AS a, b.dog AS b, a.minute, a.line AS a_line, b.line AS b_line FROM walk_lines "
    "a "
    "JOIN walk_lines b ON a.minute = b.minute AND a.dog < b.dog AND ST_DWithin(a.line, b.line, %s) WHERE "
    "ST_DistanceCPA(a.line, b.line) <= %s OFFSET 0) c, generate_series(minute * 60, minute * 60 + 59) t WHERE t >= "
    "ST_M(ST_StartPoint(a_line)) AND t <= ST_M(ST_EndPoint(a_line)) AND t >= ST_M(ST_StartPoint(b_line)) AND t <= "
    "ST_M(ST_EndPoint(b_line)) AND ST_Distance(ST_LocateAlong(a_line, t), ST_LocateAlong(b_line, t)) <= %s";

constexpr const char* near_by_both =
    "SELECT c.a, c.b, p.t FROM (SELECT a.dog AS a, b.dog AS b, a.minute FROM walk_lines a JOIN walk_lines b ON "
    "a.minute = b.minute AND a.dog < b.dog AND ST_DWithin(a.line, b.line, %s) WHERE ST_DistanceCPA(a.line, b.line) <= "
    "%s OFFSET 0) c JOIN walk_points p ON p.dog = c.a AND p.t BETWEEN c.minute * 60 AND c.minute * 60 + 59 JOIN "
    "walk_points q ON q.dog = c.b AND q.t = p.t WHERE ST_Distance(p.place, q.place) <= %s";

/// Gaps and islands, twice.
constexpr const char* count_walks =
    ", begun AS (SELECT a, b, t, (t - lag(t) OVER w <= 30) IS NOT TRUE AS begins FROM near WINDOW w AS (PARTITION BY "
    "a, "
    "b ORDER BY t)), numbered AS (SELECT a, b, t, count(*) FILTER (WHERE begins) OVER (PARTITION BY a, b ORDER BY t) "
    "AS "
    "contact FROM begun), contacts AS MATERIALIZED (SELECT a, b, min(t) AS f, max(t) AS u, count(*) AS seconds FROM "
    "numbered GROUP BY a, b, contact), chained AS (SELECT *, (f - lag(u) OVER w <= 600) IS NOT TRUE AS begins FROM "
    "contacts WINDOW w AS (PARTITION BY a, b ORDER BY f)), chains AS (SELECT *, count(*) FILTER (WHERE begins) OVER "
    "(PARTITION BY a, b ORDER BY f) AS chain FROM chained), walks AS (SELECT 1 FROM chains GROUP BY a, b, chain HAVING "
    "sum(u - f) >= 600 AND sum(seconds) * 2 >= sum(u - f)) SELECT (SELECT count(*) FROM contacts), (SELECT "
    "sum(seconds) FROM contacts), (SELECT count(*) FROM walks)";

std::string with(std::string text, const std::string& value) {
  for (std::size_t at = text.find("%s"); at != std::string::npos; at = text.find("%s")) text.replace(at, 2, value);
  return text;
}

/// The plane that touches the ground at a place; within 10 km of it lengths are a millionth shorter there at most.
class TangentPlane {
 public:
  explicit TangentPlane(const LatLon& middle) : middle_(ecef_from(middle)) {
    const double latitude = middle.latitude() * std::numbers::pi / 180;
    const double longitude = middle.longitude() * std::numbers::pi / 180;
    east_ = {-std::sin(longitude), std::cos(longitude), 0};
    north_ = {-std::sin(latitude) * std::cos(longitude), -std::sin(latitude) * std::sin(longitude), std::cos(latitude)};
  }

  double east(const Ecef& point) const { return dot(point - middle_, east_); }
  double north(const Ecef& point) const { return dot(point - middle_, north_); }

 private:
  Ecef middle_, east_, north_;
};

struct Close {
  void operator()(PGconn* client) const { PQfinish(client); }
  void operator()(PGresult* answer) const { PQclear(answer); }
};

void copy_fixes(const std::string& url, const WalkingDogs& dogs) {
  const std::unique_ptr<PGconn, Close> client(PQconnectdb(url.c_str()));
  const auto check = [&](bool good) {
    if (!good) throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(client.get()));
  };
  const auto answers = [&](PGresult* answer, ExecStatusType wanted) {
    check(PQresultStatus(std::unique_ptr<PGresult, Close>(answer).get()) == wanted);
  };
  answers(PQexec(client.get(), "COPY walk_fixes FROM STDIN"), PGRES_COPY_IN);
  const TangentPlane plane(dogs.middle_of_town());
  for (std::size_t dog = 0; dog < dogs.dogs; ++dog) {
    std::string rows;
    for (const PathFix& fix : dogs.fixes_of(dog)) {
      const Ecef point = ecef_from(fix.position);
      std::array<char, 100> row{};
      std::snprintf(row.data(), row.size(), "%zu\t%lld\t%.9f\t%.9f\n", dog,
                    static_cast<long long>(seconds_since_1970(fix.timestamp)), plane.east(point), plane.north(point));
      rows.append(row.data());
    }
    check(PQputCopyData(client.get(), rows.data(), static_cast<int>(rows.size())) == 1);
  }
  check(PQputCopyEnd(client.get(), nullptr) == 1);
  answers(PQgetResult(client.get()), PGRES_COMMAND_OK);
}

}  // namespace

PostgisWalks::PostgisWalks(const std::string& url, const WalkingDogs& dogs)
    : url_(url), postgres_(descendant_of(::getppid(), "postgres")) {
  run_statement(url, make_tables);
  copy_fixes(url, dogs);
  const auto made = [&](const std::string& statement, const std::string& table) {
    const double before = processor_seconds_with_children(postgres_);
    run_statement(url, settings + statement);
    run_statement(url, "VACUUM (ANALYZE) " + table);
    return processor_seconds_with_children(postgres_) - before;
  };
  points_seconds_ = made(make_points, "walk_points");
  points_index_seconds_ = made("CREATE INDEX ON walk_points USING gist (t, place)", "walk_points");
  lines_seconds_ = made(make_lines, "walk_lines");
}

PostgisWalks::Found PostgisWalks::by_points() const { return found_by(near_by_points); }

PostgisWalks::Found PostgisWalks::by_lines() const { return found_by(near_by_lines); }

PostgisWalks::Found PostgisWalks::by_both() const { return found_by(near_by_both); }

PostgisWalks::Found PostgisWalks::found_by(const std::string& near) const {
  const double reach = reach_of(walking_accuracy_m, walking_accuracy_m, {});
  const std::string query =
      settings + ("WITH near AS MATERIALIZED (" + with(near, std::to_string(reach)) + ")" + count_walks);
  const double before = processor_seconds_with_children(postgres_);
  const std::vector<std::int64_t> counts = numbers_from(url_, query);
  return {.contacts = counts.at(0),
          .near_seconds = counts.at(1),
          .walks = counts.at(2),
          .seconds = processor_seconds_with_children(postgres_) - before};
}

}  // namespace packwalk::bench
