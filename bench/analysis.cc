#include "analysis.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "analysed_store.h"
#include "analysis_in_memory.h"
#include "child.h"
#include "figures.h"
#include "installation.h"
#include "kept_messages.h"
#include "postgis_walks.h"
#include "processor_time.h"
#include "walking_dogs.h"

namespace packwalk::bench {
namespace {

constexpr double megabyte = 1e6;
constexpr std::int64_t hour = 3600;
constexpr int late_dogs = 5;

/// Midnight of yesterday, or the day before: some hours from now, whatever the time of day.
std::int64_t walking_day() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return (std::chrono::floor<std::chrono::days>(now).count() - 1) * 24 * hour;
}

void print_memory(const MemoryFigures& figures) {
  std::printf(
      "  %zu fixes, %zu pairs near, %zu contacts of %lld seconds, %zu joint walks; %.2f s to paths, %.2f s to "
      "walks\n  peak memory %.0f MB, of which the paths are %.0f MB\n",
      figures.fixes, figures.pairs, figures.contacts, static_cast<long long>(figures.near_seconds), figures.walks,
      figures.paths_seconds, figures.walks_seconds, figures.peak_bytes / megabyte, figures.paths_bytes / megabyte);
}

MemoryFigures bench_memory(const Options& options) {
  std::printf("\n== Joint walks of %zu dogs walking an hour, a fix in 5 s, from memory, one core\n", options.dogs);
  const MemoryFigures figures = walks_in_memory(WalkingDogs::as_dense_as_ever(options.dogs));
  print_goal("from fixes in memory to joint walks", figures.fixes_per_second(), "fixes/s", 2'000'000);
  print_memory(figures);
  return figures;
}

void print_growth(const WalkingDogs& dogs) {
  const MemoryFigures figures = walks_in_memory(dogs);
  std::printf("  %7zu dogs, %5.1f km: %9zu fixes, %8zu contacts; %6.2f s, that is %5.0f ns a fix; peak %5.0f MB\n",
              dogs.dogs, dogs.town_m / 1000, figures.fixes, figures.contacts,
              figures.paths_seconds + figures.walks_seconds, 1e9 / figures.fixes_per_second(),
              figures.peak_bytes / megabyte);
  std::fflush(stdout);
}

void bench_growth() {
  std::printf("\n== More dogs in more towns as dense, for a quarter of an hour\n");
  for (const std::size_t dogs : {1'000, 3'000, 10'000, 30'000, 100'000}) {
    WalkingDogs walking = WalkingDogs::as_dense_as_ever(dogs);
    walking.seconds = hour / 4;
    print_growth(walking);
  }
  std::printf("\n== 10,000 dogs in smaller and smaller towns, for a quarter of an hour\n");
  for (const double town_m : {40'000, 20'000, 10'000, 5'000, 2'500}) {
    WalkingDogs walking;
    walking.dogs = 10'000;
    walking.town_m = town_m;
    walking.seconds = hour / 4;
    print_growth(walking);
  }
}

/// `postgres`: its process; 0: none.
void bench_store(const std::string& name, const Store& store, pid_t postgres, std::size_t workers,
                 const Options& options) {
  WalkingDogs dogs = WalkingDogs::as_dense_as_ever(options.dogs);
  dogs.from = walking_day();
  const auto started = Clock::now();
  const auto devices = keep_dogs(store, dogs.dogs, [&](std::size_t dog) { return dogs.fixes_of(dog); });
  std::printf("  %s was filled in %.0f s\n", name.c_str(), seconds_since(started));
  forget_peak_memory();
  const double own_before = own_processor_seconds();
  const double postgres_before = postgres != 0 ? processor_seconds_with_children(postgres) : 0;
  const double seconds = analyse_all(store, workers);
  const double own = own_processor_seconds() - own_before;
  const double others = postgres != 0 ? processor_seconds_with_children(postgres) - postgres_before : 0;
  const double fixes = static_cast<double>(dogs.dogs * hour / 5);
  print_figure(name + ", " + std::to_string(workers) + (workers == 1 ? " worker" : " workers"), fixes / seconds,
               "fixes/s");
  std::printf("  us of a core a fix: analysis %.1f, PostgreSQL %.1f\n", 1e6 * own / fixes, 1e6 * others / fixes);
  const double peak_bytes = peak_memory_bytes();
  std::printf("  %.0f s; %zu joint walks; peak memory %.0f MB\n", seconds, count_joint_walks(store, devices),
              peak_bytes / megabyte);
}

void bench_stores(const Options& options, const Servers& servers) {
  std::printf("\n== The same from a store: everything is stale, and rows are written; %zu dogs\n", options.dogs);
  {
    const TemporaryFolder folder;
    bench_store("SQLite", *make_sqlite_store(folder.path() + "/packwalk.db"), 0, 1, options);
  }
  for (const std::size_t workers : {1, 2}) {
    const Installation installation(options.packwalk, servers, "walks" + std::to_string(workers));
    bench_store("PostgreSQL", *make_postgres_store(installation.database_url()), descendant_of(::getppid(), "postgres"),
                workers, options);
  }
}

struct PostgisFigures {
  double query = 0;       // fixes/s of the best query, all that it needs at hand
  double from_fixes = 0;  // of the best way from fixes to joint walks
};

PostgisFigures postgis_figures(const PostgisWalks& postgis, std::size_t fixes) {
  const auto count = static_cast<double>(fixes);
  PostgisFigures best;
  const auto compare = [&](const char* name, double made, const PostgisWalks::Found& found) {
    std::printf("  %-66s %9.0f fixes/s, with its tables %9.0f; %lld contacts of %lld seconds, %lld joint walks\n", name,
                count / found.seconds, count / (found.seconds + made), static_cast<long long>(found.contacts),
                static_cast<long long>(found.near_seconds), static_cast<long long>(found.walks));
    std::fflush(stdout);
    best.query = std::max(best.query, count / found.seconds);
    best.from_fixes = std::max(best.from_fixes, count / (found.seconds + made));
  };
  compare("points of each second, ST_DWithin by GiST", postgis.points_seconds() + postgis.points_index_seconds(),
          postgis.by_points());
  compare("lines of a minute, ST_DWithin by GiST, ST_DistanceCPA, their seconds", postgis.lines_seconds(),
          postgis.by_lines());
  compare("the same with the seconds of points by B-tree", postgis.lines_seconds() + postgis.points_seconds(),
          postgis.by_both());
  return best;
}

/// Two samples, so that it shows whether a fix costs more where there are more of them.
void bench_postgis(const Options& options, const Servers& servers) {
  std::printf("\n== PostGIS, a sample of the dogs in a town as dense, one core; beside it the engine on as many\n");
  const Installation installation(options.packwalk, servers, "postgis");
  for (const std::size_t dogs : {options.dogs / 40, options.dogs / 10}) {
    WalkingDogs walking = WalkingDogs::as_dense_as_ever(dogs);
    walking.from = walking_day();
    const MemoryFigures engine = walks_in_memory(walking);
    std::printf("  %zu dogs: the engine finds %zu contacts of %lld seconds, %zu joint walks\n", dogs, engine.contacts,
                static_cast<long long>(engine.near_seconds), engine.walks);
    const PostgisFigures best = postgis_figures(PostgisWalks(installation.database_url(), walking), engine.fixes);
    print_goal("from fixes, times PostGIS", engine.fixes_per_second() / best.from_fixes, "times", 50);
    print_goal("with paths and tables at hand, times PostGIS's query", engine.fixes_per_second_of_walks() / best.query,
               "times", 50);
    print_figure("  the engine from fixes, times PostGIS's query alone", engine.fixes_per_second() / best.query,
                 "times");
  }
}

void bench_late_track(const Options& options, const Servers& servers) {
  std::printf("\n== A track of eight hours comes late to PostgreSQL, among %lld stored fixes\n",
              static_cast<long long>(options.stored));
  const Installation installation(options.packwalk, servers, "late");
  const auto store = make_postgres_store(installation.database_url());
  const std::int64_t day = walking_day();
  const auto started = Clock::now();
  keep_fixes(installation.database_url(), options.stored, 10'000, day - 12 * hour);
  WalkingDogs others = WalkingDogs::as_dense_as_ever(300);
  others.from = day;
  others.seconds = 8 * hour;
  keep_dogs(*store, others.dogs, [&](std::size_t dog) { return others.fixes_of(dog); });
  std::printf("  filled in %.0f s, with %zu dogs that walk at the same time\n", seconds_since(started), others.dogs);
  analyse_all(*store, 2);
  run_statement(installation.database_url(), "VACUUM (ANALYZE)");
  std::vector<double> seconds;
  for (int i = 0; i < late_dogs; ++i) {
    WalkingDogs more = others;  // the same walks, somewhat beside
    const std::vector<DeviceNumber> late =
        keep_dogs(*store, 1, [&](std::size_t) { return more.fixes_of(static_cast<std::size_t>(i) * 10 + 5); });
    seconds.push_back(analyse_one(*store, late.front()));
    std::printf("  %.0f ms: %lld joint walks of it\n", 1000 * seconds.back(),
                static_cast<long long>(number_from(
                    installation.database_url(), "SELECT count(*) FROM joint_walks WHERE " +
                                                     std::to_string(late.front().value) + " IN (device_a, device_b)")));
  }
  print_limit("one late track of eight hours, the slowest", 1000 * *std::max_element(seconds.begin(), seconds.end()),
              "ms", 1000);
}

}  // namespace

int bench_analysis(const Options& options) {
  const auto wanted = [&](const char* name) { return options.only.empty() || options.only == name; };
  const Servers servers;
  if (wanted("memory")) bench_memory(options);
  if (wanted("growth")) bench_growth();
  if (wanted("postgis")) bench_postgis(options, servers);
  if (wanted("stores")) bench_stores(options, servers);
  if (wanted("late")) bench_late_track(options, servers);
  return 0;
}

}  // namespace packwalk::bench
