// What can befall the file of a SQLite installation: a newer program, another file, many openers, a full disk.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "adapters/sql/sql_analysis_store.h"
#include "adapters/sql/sql_ingest_store.h"
#include "adapters/sql/sql_message_reader.h"
#include "adapters/sql/sql_query_store.h"
#include "adapters/sql/state_bytes.h"
#include "adapters/sqlite/sqlite_connection.h"
#include "adapters/sqlite/sqlite_migrations.h"
#include "base/hexadecimal.h"
#include "base/temporary_folder.h"
#include "base/work_limits.h"
#include "core/walk/space_cell.h"
#include "ports/packet_queue.h"
#include "tests/support/claims.h"

namespace packwalk {
namespace {

/// Runs statements that are none of ours.
void run_sql(const std::string& path, const char* statements) {
  sqlite3* db = nullptr;
  ASSERT_EQ(SQLITE_OK, sqlite3_open(path.c_str(), &db));
  EXPECT_EQ(SQLITE_OK, sqlite3_exec(db, statements, nullptr, nullptr, nullptr)) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

TEST(SqliteDatabase, OfANewerSchemaIsRefusedWithASentence) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  ASSERT_TRUE(sql::open_sqlite(path));
  run_sql(path, "PRAGMA user_version = 4711");
  const auto opened = sql::open_sqlite(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(Errc::broken, opened.error().code);
  EXPECT_FALSE(lies_in_upload(opened.error())) << "what waits for ingest is no dead letter";
  EXPECT_NE(std::string::npos, opened.error().detail.find("4711")) << opened.error().detail;
  EXPECT_NE(std::string::npos, opened.error().detail.find("newer version")) << opened.error().detail;
}

TEST(SqliteDatabase, ThatIsAnotherKindOfFileIsBrokenAndLeftAsItIs) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  const std::string text(5000, 'x');
  std::ofstream(path) << text;
  const auto opened = sql::open_sqlite(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(Errc::broken, opened.error().code);
  EXPECT_FALSE(opened.error().detail.empty());
  std::ifstream file(path);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {}));
}

std::int64_t number_from(const std::string& path, const char* question) {
  std::int64_t number = 0;
  const auto reader = std::move(sql::open_sqlite_reader(path).value());
  EXPECT_TRUE(reader->query(question, {}, [&](const sql::Row& row) { number = row.integer(0); }));
  return number;
}

void damage_table(const std::string& path, const std::string& table) {
  const std::string question = "SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'";
  const auto page = number_from(path, question.c_str());
  const auto page_size = number_from(path, "PRAGMA page_size");
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp((page - 1) * page_size) << std::string(100, '\xff');
}

TEST(SqliteDatabase, WhosePagesAreDamagedIsNotTakenForOneWithAnImpossibleRow) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  ASSERT_TRUE(sql::open_sqlite(path));
  damage_table(path, "states");
  damage_table(path, "fixes");
  const auto query =
      sql::make_sql_query_store([path] { return sql::open_sqlite_reader(path); }, sql::TextOrder::of_bytes);
  const auto asked = query->each_position([](const DevicePosition&) {});
  ASSERT_FALSE(asked);
  EXPECT_EQ(Errc::broken, asked.error().code) << asked.error().detail;
  const auto ingest = sql::make_sql_ingest_store(std::move(sql::open_sqlite(path).value()));
  const FixClaim fix = fix_claim(1, 1'767'225'600);
  const auto claimed = ingest->begin().value()->claim({&fix, 1});
  ASSERT_FALSE(claimed);
  EXPECT_EQ(Errc::broken, claimed.error().code) << claimed.error().detail;
  EXPECT_FALSE(lies_in_upload(claimed.error())) << "nothing is set aside for it";
}

TEST(SqliteDatabase, WithAnImpossibleRowRefusesOnlyWhatNeedsThatRow) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  const auto ingest = sql::make_sql_ingest_store(std::move(sql::open_sqlite(path).value()));
  constexpr std::array devices = {DeviceNumber{1}, DeviceNumber{2}};
  {
    const auto transaction = std::move(ingest->begin().value());
    ASSERT_TRUE(transaction->states(devices));
    ASSERT_TRUE(transaction->commit());
  }
  run_sql(path, "UPDATE states SET fixes = -1 WHERE device = 1");
  const auto sick = ingest->begin().value()->states(std::span(devices).first(1));
  ASSERT_FALSE(sick);
  EXPECT_EQ(Errc::corrupt, sick.error().code) << sick.error().detail;
  EXPECT_TRUE(lies_in_upload(sick.error()));
  EXPECT_TRUE(ingest->begin().value()->states(std::span(devices).last(1)));
}

TEST(SqliteDatabase, WithoutOneOfItsTablesIsBroken) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  const auto ingest = sql::make_sql_ingest_store(std::move(sql::open_sqlite(path).value()));
  run_sql(path, "ALTER TABLE states RENAME TO stolen");
  constexpr DeviceNumber device{1};
  const auto states = ingest->begin().value()->states({&device, 1});
  ASSERT_FALSE(states);
  EXPECT_EQ(Errc::broken, states.error().code) << states.error().detail;
  EXPECT_FALSE(lies_in_upload(states.error()));
}

TEST(SqliteDatabase, LeavesOutUnreadableTrackStatesAndNoneThatFollow) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  const auto analysis = sql::make_sql_analysis_store(std::move(sql::open_sqlite(path).value()));
  const TrackState readable{.from = device_time(1), .to = device_time(40), .fixes = 3};
  std::string digits;
  for (const char byte : sql::bytes_of(readable)) {
    digits.append(hexadecimal(static_cast<unsigned char>(byte)).data() + 14, 2);
  }
  run_sql(path, ("INSERT INTO track_states (device, to_time, state) VALUES (1, 10, X'07'), (1, 20, X'07'), "
                 "(1, 30, X'07'), (1, 40, X'" +
                 digits + "'), (1, 50, X'07')")
                    .c_str());
  const auto snapshot = analysis->snapshot().value();
  for (const std::size_t limit : {1U, 2U, 3U, 9U}) {
    EXPECT_EQ(std::vector{readable}, snapshot->track_states(DeviceNumber{1}, {0, 100}, limit).value()) << limit;
  }
}

TEST(SqliteDatabase, KeepsItsCubesOfSpaceWhenTheirNumbersBecomeSmaller) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  const std::vector<std::array<std::int64_t, 3>> cubes = {
      {0, 0, 0}, {24'914, -1, -24'914}, {-24'914, 24'914, 1}, {-1, -24'914, 24'914}};
  {
    sqlite3* raw = nullptr;
    ASSERT_EQ(SQLITE_OK, sqlite3_open(path.c_str(), &raw));
    constexpr std::size_t versions_before = 5;
    for (std::size_t i = 0; i < versions_before; ++i) {
      ASSERT_EQ(SQLITE_OK, sqlite3_exec(raw, sql::sqlite_migrations.at(i), nullptr, nullptr, nullptr));
    }
    std::string rows = "PRAGMA user_version = 5; INSERT INTO place_cells (slice, cell, device) VALUES ";
    for (std::size_t i = 0; i < cubes.size(); ++i) {
      const auto [x, y, z] = cubes[i];
      const std::int64_t before = (x + (1 << 19)) << 40 | (y + (1 << 19)) << 20 | (z + (1 << 19));
      rows += (i ? ", (" : "(") + std::to_string(i) + ", " + std::to_string(before) + ", 1)";
    }
    ASSERT_EQ(SQLITE_OK, sqlite3_exec(raw, rows.c_str(), nullptr, nullptr, nullptr));
    sqlite3_close(raw);
  }
  ASSERT_TRUE(sql::open_sqlite(path));
  std::vector<std::int64_t> now;
  const auto reader = std::move(sql::open_sqlite_reader(path).value());
  ASSERT_TRUE(reader->query("SELECT cell FROM place_cells ORDER BY slice", {},
                            [&](const sql::Row& row) { now.push_back(row.integer(0)); }));
  std::vector<std::int64_t> expected;
  for (const auto& [x, y, z] : cubes) expected.push_back(space_cell::cell_at(x, y, z));
  EXPECT_EQ(expected, now);
}

constexpr const char* count_for_ever =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

TEST(SqliteDatabase, IsReadNoLongerThanSomebodyWaitsForIt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  ASSERT_TRUE(sql::open_sqlite(path));
  const auto reader = std::move(sql::open_sqlite_reader(path).value());
  const auto read = [&](const char* statement) { return reader->query(statement, {}, [](const sql::Row&) {}); };
  {
    std::stop_source caller;
    const LimitedWork work({.gone = caller.get_token()});
    const std::jthread hangs_up([&] { caller.request_stop(); });
    EXPECT_EQ(Errc::unavailable, read(count_for_ever).error().code);
  }
  {
    const LimitedWork work({.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20)});
    EXPECT_EQ(Errc::unavailable, read(count_for_ever).error().code);
  }
  EXPECT_TRUE(read("SELECT count(*) FROM devices")) << "the connection is as good as before";
}

TEST(SqliteDatabase, WithoutAFolderIsUnavailable) {
  const TemporaryFolder folder;
  const auto opened = sql::open_sqlite(folder.file("missing/packwalk.db"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(Errc::unavailable, opened.error().code);
  EXPECT_FALSE(sql::open_sqlite_reader(folder.file("packwalk.db")));
}

TEST(SqliteDatabase, IsMadeOnceByManyThatOpenItAtOnce) {
  for (int round = 0; round < 10; ++round) {
    const TemporaryFolder folder;
    const std::string path = folder.file("packwalk.db");
    constexpr int openers = 4;
    std::barrier start(openers);
    std::vector<std::jthread> threads;
    threads.reserve(openers);
    for (int i = 0; i < openers; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        const auto opened = sql::open_sqlite(path);
        EXPECT_TRUE(opened) << opened.error().detail;
      });
    }
  }
}

TEST(SqliteDatabase, IsOnDiskWhenACommitReturns) {
  const TemporaryFolder folder;
  const auto connection = std::move(sql::open_sqlite(folder.file("packwalk.db")).value());
  std::int64_t synchronous = 0;
  ASSERT_TRUE(connection->query("PRAGMA synchronous", {}, [&](const sql::Row& row) { synchronous = row.integer(0); }));
  EXPECT_EQ(2, synchronous);  // FULL
  std::string mode;
  ASSERT_TRUE(connection->query("PRAGMA journal_mode", {}, [&](const sql::Row& row) { mode = row.bytes(0); }));
  EXPECT_EQ("wal", mode);
}

constexpr std::size_t disk_bytes = 2 << 20;

bool write_file(const char* path, std::string_view text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  const bool written = file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  return written;
}

/// A small disk of this process's own; where the system does not permit that, files that may not grow beyond its size.
class SmallDisk {
 public:
  explicit SmallDisk(std::string folder) : folder_(std::move(folder)) {
    mounted_ = own_mounts() && mount("tmpfs", folder_.c_str(), "tmpfs", 0, size_option(disk_bytes).c_str()) == 0;
    if (mounted_) return;
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
    limit_file_size(disk_bytes);
  }

  void make_room() {
    if (!mounted_) return limit_file_size(RLIM_INFINITY);
    if (mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT, size_option(16 * disk_bytes).c_str()) != 0) std::abort();
  }

 private:
  static bool own_mounts() {
    const std::string map = "0 " + std::to_string(getuid()) + " 1";
    if (unshare(CLONE_NEWNS) != 0 &&
        (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_file("/proc/self/uid_map", map))) {
      return false;
    }
    return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }
  static std::string size_option(std::size_t bytes) { return "size=" + std::to_string(bytes); }
  static void limit_file_size(rlim_t bytes) {
    const rlimit limit{bytes, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) std::abort();
  }

  std::string folder_;
  bool mounted_ = false;
};

/// Keeps one message of `size` bytes at the time `received_at`.
Result<void> keep_message(IngestStore& store, std::int64_t received_at, std::size_t size) {
  auto transaction = store.begin();
  if (!transaction) return transaction.failure();
  const std::string content(size, 'x');
  const std::array kept = {kept_message(1, received_at, 0, Verdict::accepted, content)};
  if (auto done = (*transaction)->keep(kept); !done) return done;
  return (*transaction)->commit();
}

std::size_t count_messages(const std::string& path) {
  auto reader = sql::make_sql_message_reader([path] { return sql::open_sqlite_reader(path); });
  std::size_t count = 0;
  MessageCursor after;
  while (true) {
    const auto page = reader->messages(DeviceNumber{1}, std::nullopt, after, 1000).value();
    if (page.empty()) return count;
    count += page.size();
    after = {page.back().received_at, page.back().ordinal};
  }
}

#define REQUIRE(condition)                                                  \
  if (!(condition)) {                                                       \
    std::cerr << "line " << __LINE__ << ": not so: " << #condition << '\n'; \
    return false;                                                           \
  }                                                                         \
  static_assert(true)

bool survives_a_full_disk(const std::string& folder) {
  SmallDisk disk(folder);
  const std::string path = folder + "/packwalk.db";
  auto store = sql::make_sql_ingest_store(std::move(sql::open_sqlite(path).value()));
  std::size_t kept = 0;
  Result<void> done;
  while ((done = keep_message(*store, static_cast<std::int64_t>(kept) + 1, 10'000))) {
    REQUIRE(++kept < 1000);
  }
  REQUIRE(done.error().code == Errc::unavailable);
  REQUIRE(kept > 10);
  REQUIRE(count_messages(path) == kept);
  const auto again = keep_message(*store, 1'000'000, 1'000'000);
  REQUIRE(!again && again.error().code == Errc::unavailable);
  disk.make_room();
  REQUIRE(keep_message(*store, 2'000'000, 1'000'000));  // the same store goes on
  store.reset();
  REQUIRE(sql::open_sqlite(path));
  REQUIRE(count_messages(path) == kept + 1);
  return true;
}

TEST(SqliteDatabase, CopiesItsLogIntoTheDatabaseWhoeverWritesAndWhoeverReads) {
  constexpr std::uintmax_t log_bytes_max = 72U * 1024 * 1024;
  const TemporaryFolder folder;
  const std::string path = folder.file("packwalk.db");
  const auto store = sql::make_sql_ingest_store(std::move(sql::open_sqlite(path).value()));
  const auto reader = std::move(sql::open_sqlite_reader(path).value());
  constexpr int messages = 90;
  for (int i = 1; i <= messages; ++i) {
    ASSERT_TRUE(keep_message(*store, i, 1'000'000));
    EXPECT_LT(std::filesystem::file_size(path + "-wal"), log_bytes_max);
    if (i == messages / 2) {
      ASSERT_TRUE(reader->begin_reading());  // and ends soon
      ASSERT_TRUE(reader->query("SELECT count(*) FROM messages", {}, [](const sql::Row&) {}));
    }
    if (i == messages / 2 + 5) reader->rollback();
  }
  EXPECT_GT(std::filesystem::file_size(path), 60'000'000U);
  EXPECT_EQ(std::size_t{messages}, count_messages(path));
}

TEST(SqliteDatabaseDeathTest, LosesNothingOnAFullDisk) {
  const TemporaryFolder folder;
  EXPECT_EXIT(std::_Exit(survives_a_full_disk(folder.path().string()) ? 0 : 1), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace packwalk
