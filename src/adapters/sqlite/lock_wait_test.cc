#include "adapters/sqlite/lock_wait.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "base/temporary_folder.h"

namespace packwalk::sql {
namespace {

using std::chrono::milliseconds;
using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

class LockWait : public testing::Test {
 protected:
  Database open() {
    sqlite3* raw = nullptr;
    EXPECT_EQ(SQLITE_OK, sqlite3_open((folder_.path() / "db").c_str(), &raw));
    return Database(raw, &sqlite3_close);
  }

  static int run(const Database& db, const char* text) {
    return sqlite3_exec(db.get(), text, nullptr, nullptr, nullptr);
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(LockWait, EndsAfterItsPatience) {
  const Database holder = open();
  const Database other = open();
  constexpr milliseconds patience{30};
  wait_for_locks(other.get(), patience);
  ASSERT_EQ(SQLITE_OK, run(holder, "BEGIN IMMEDIATE"));
  for (int time = 0; time < 2; ++time) {  // each wait is counted from its own beginning
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(SQLITE_BUSY, run(other, "BEGIN IMMEDIATE"));
    EXPECT_GE(std::chrono::steady_clock::now() - began, patience);
  }
}

TEST_F(LockWait, EndsWithTheLock) {
  const Database holder = open();
  const Database other = open();
  wait_for_locks(other.get());
  ASSERT_EQ(SQLITE_OK, run(holder, "BEGIN IMMEDIATE"));
  const std::jthread frees_it([&holder] {
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_EQ(SQLITE_OK, run(holder, "COMMIT"));
  });
  EXPECT_EQ(SQLITE_OK, run(other, "BEGIN IMMEDIATE"));
}

}  // namespace
}  // namespace packwalk::sql
