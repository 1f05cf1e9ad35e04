// What SQLite deletes leaves copies behind: in its log, and in the unused middle of pages that it divided.
#include "adapters/sqlite/sqlite_wipe.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>

#include "adapters/sqlite/sqlite_connection.h"
#include "base/temporary_folder.h"

namespace packwalk {
namespace {

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Database = std::unique_ptr<sqlite3, Close>;

std::string mark_of(int device) { return "<mark " + std::to_string(1000 + device) + ">"; }

class SqliteWipe : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(sql::open_sqlite(path_));
    sqlite3* raw = nullptr;
    ASSERT_EQ(SQLITE_OK, sqlite3_open(path_.c_str(), &raw));
    db_.reset(raw);
    run("PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0");
  }

  void run(const std::string& text) {
    EXPECT_EQ(SQLITE_OK, sqlite3_exec(db_.get(), text.c_str(), nullptr, nullptr, nullptr)) << sqlite3_errmsg(db_.get());
  }

  /// Of many devices but those from `from` to `to`, at random times and of many sizes, so that pages are divided.
  void add_messages(int count, int from, int to) {
    run("BEGIN");
    for (int i = 0; i < count; ++i) {
      const int device = std::uniform_int_distribution(1, 59)(random_);
      if (device >= from && device <= to) continue;
      const auto size = std::array{5, 40, 90, 300, 1500}.at(std::uniform_int_distribution<std::size_t>(0, 4)(random_));
      run("INSERT OR IGNORE INTO messages VALUES (" + std::to_string(device) + "," +
          std::to_string(std::uniform_int_distribution(0, 1'000'000'000)(random_)) + ",0,0,0,NULL,0,CAST('" +
          mark_of(device) + std::string(static_cast<std::size_t>(size), 'x') + "' AS BLOB))");
    }
    run("COMMIT");
  }

  bool is_in_files(const std::string& mark) const {
    return std::ranges::any_of(std::array{path_, path_ + "-wal", path_ + "-shm"}, [&](const std::string& path) {
      std::ifstream file(path, std::ios::binary);
      std::ostringstream bytes;
      bytes << file.rdbuf();
      return std::move(bytes).str().find(mark) != std::string::npos;
    });
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.file("packwalk.db");
  Database db_;
  std::mt19937 random_{1};
};

TEST_F(SqliteWipe, LeavesNoByteOfWhatWasDeletedInAnyFileAndTheDatabaseWhole) {
  for (int i = 0; i < 60; ++i) {
    add_messages(200, 0, 0);
    run("PRAGMA wal_checkpoint(PASSIVE)");
  }
  bool anything_was_left = false;
  for (int device = 10; device < 50; ++device) {
    const std::string mark = mark_of(device);
    ASSERT_TRUE(is_in_files(mark));
    run("DELETE FROM messages WHERE device = " + std::to_string(device) + " AND received_at < 500000000");
    run("DELETE FROM messages WHERE device = " + std::to_string(device));
    run("PRAGMA wal_checkpoint(TRUNCATE)");
    anything_was_left = anything_was_left || is_in_files(mark);
    const auto wiped = sql::wipe_deleted(path_);
    ASSERT_TRUE(wiped) << wiped.error().detail;
    EXPECT_FALSE(is_in_files(mark)) << mark;
    add_messages(60, 10, device);
    EXPECT_FALSE(is_in_files(mark)) << mark << " came back";
  }
  EXPECT_TRUE(anything_was_left) << "an empty log would do";
  std::string found;
  const auto take = [](void* into, int, char** values, char**) {
    static_cast<std::string*>(into)->append(values[0]);
    return 0;
  };
  EXPECT_EQ(SQLITE_OK, sqlite3_exec(db_.get(), "PRAGMA integrity_check", take, &found, nullptr));
  EXPECT_EQ("ok", found);
}

TEST_F(SqliteWipe, EmptiesTheLog) {
  add_messages(50, 0, 0);
  run("DELETE FROM messages");
  ASSERT_TRUE(is_in_files(mark_of(30)));
  ASSERT_TRUE(sql::wipe_deleted(path_));
  for (int device = 1; device < 60; ++device) EXPECT_FALSE(is_in_files(mark_of(device)));
}

}  // namespace
}  // namespace packwalk
