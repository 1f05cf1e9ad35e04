// What can befall a worker's connection to PostgreSQL.
#include "adapters/postgres/postgres_connection.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "adapters/postgres/postgres_schema.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sql/tables.h"
#include "base/work_limits.h"
#include "tests/support/claims.h"
#include "tests/support/postgres_schema.h"

namespace packwalk {
namespace {

/// Steps of one commit, until one fails; says how many were done.
int steps_done(IngestStore& store, int ended_before, const std::function<void()>& end) {
  const KeptMessage message = kept_message(1, 1'767'225'600'000'000, 0, Verdict::accepted);
  const FixClaim claim = fix_claim(1, 1'767'225'600);
  const CurrentState state{.device = DeviceNumber{1}, .last_fix = claim.fix, .counts = {.fixes = 1}};
  auto transaction = store.begin();
  if (!transaction) return 0;
  const std::function<bool()> steps[] = {
      [&] { return (*transaction)->claim(std::span(&claim, 1)).has_value(); },
      [&] { return (*transaction)->keep(std::span(&message, 1)).has_value(); },
      [&] { return (*transaction)->states(std::span(&state.device, 1)).has_value(); },
      [&] { return (*transaction)->put(std::span(&state, 1)).has_value(); },
      [&] { return (*transaction)->commit().has_value(); },
  };
  int done = 0;
  for (const auto& step : steps) {
    if (done == ended_before) end();
    if (!step()) return done;
    ++done;
  }
  return done;
}

TEST(PostgresConnection, ThatIsEndedInTheMiddleOfACommitLeavesNoTraceAndTheNextIsWhole) {
  const PostgresSchema schema;
  const std::string name = "victim_" + std::to_string(::getpid());
  const auto installation = make_postgres_store(schema.url() + "&application_name=" + name);
  const auto store = std::move(installation->ingest_store().value());
  const auto end = [&] {
    EXPECT_NE(
        "", schema.value_of("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '" +
                            name + "'"));
  };
  constexpr int all_steps = 5;
  for (int ended_before = 0; ended_before < all_steps; ++ended_before) {
    EXPECT_EQ(ended_before, steps_done(*store, ended_before, end)) << "never the second half without the first";
    EXPECT_EQ("0", schema.value_of("SELECT (SELECT count(*) FROM fixes) + (SELECT count(*) FROM messages) + "
                                   "(SELECT count(*) FROM states)"));
  }
  EXPECT_EQ(all_steps, steps_done(*store, -1, end));
  EXPECT_EQ("1", schema.value_of("SELECT count(*) FROM fixes JOIN messages USING (device) JOIN states USING (device)"));
}

TEST(PostgresConnection, ToAnotherSchemaIsBrokenUntilSomebodyMendsIt) {
  const PostgresSchema schema;
  const auto store = std::move(make_postgres_store(schema.url())->ingest_store().value());
  const auto states = [&] {
    constexpr DeviceNumber device{1};
    return store->begin().value()->states({&device, 1});
  };
  ASSERT_TRUE(states());
  schema.run("ALTER TABLE states RENAME lat TO latitude");
  const auto broken = states();
  ASSERT_FALSE(broken);
  EXPECT_EQ(Errc::broken, broken.error().code) << broken.error().detail;
  schema.run("ALTER TABLE states RENAME latitude TO lat");
  EXPECT_TRUE(states());
}

/// So that of two who hold some of the same rows, neither waits for the other for ever.
TEST(PostgresConnection, HoldsRowsInTheOrderOfTheirKeysWhateverOrderTheyAreNamedIn) {
  const PostgresSchema schema;
  schema.run("INSERT INTO analyses VALUES (3, 0), (2, 0), (1, 0)");
  const std::string name = "waits_" + std::to_string(::getpid());
  const auto first = sql::make_postgres_connection(schema.url(), sql::connect_to_migrated);
  const auto second =
      sql::make_postgres_connection(schema.url() + "&application_name=" + name, sql::connect_to_migrated);
  const auto hold = [](sql::Connection& connection, const std::vector<sql::Value>& devices) {
    if (auto begun = connection.begin(); !begun) return begun;
    return connection.read(sql::analyses, devices, sql::Connection::Hold::yes, [](std::size_t, const sql::Row&) {});
  };
  const auto is_free = [&](int device) {
    return schema.value_of("SELECT count(*) FROM (SELECT 1 FROM analyses WHERE device = " + std::to_string(device) +
                           " FOR UPDATE SKIP LOCKED) AS t") == "1";
  };
  ASSERT_TRUE(hold(*first, {std::int64_t{2}}));
  auto held = std::async(std::launch::async, hold, std::ref(*second),
                         std::vector<sql::Value>{std::int64_t{3}, std::int64_t{1}, std::int64_t{2}});
  while (
      schema.value_of("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '" +
                      name + "'") == "0") {
    std::this_thread::yield();
  }
  EXPECT_FALSE(is_free(1)) << "held before it waits for the second";
  EXPECT_TRUE(is_free(3)) << "held behind the second only";
  first->rollback();
  EXPECT_TRUE(held.get());
  EXPECT_FALSE(is_free(3));
}

bool tells_newer_version(const Result<void>& answer) {
  return !answer && answer.error().detail.find("newer version") != std::string::npos;
}

/// The first answer of which `is_last` holds, or the last one of a minute: a connection looks at the version of its
/// schema only now and then.
Result<void> ask_until(const std::function<Result<void>()>& ask,
                       const std::function<bool(const Result<void>&)>& is_last) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  Result<void> answer = ask();
  while (!is_last(answer) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    answer = ask();
  }
  return answer;
}

TEST(PostgresConnection, NoticesThatANewerProgramHasMigratedItsDatabase) {
  const PostgresSchema schema;
  const auto connection = sql::make_postgres_connection(schema.url(), sql::connect_to_migrated);
  const auto ask = [&] {
    return connection->query("SELECT min_distance_m FROM joint_walks", {}, [](const sql::Row&) {});
  };
  ASSERT_TRUE(ask());
  schema.run(
      "ALTER TABLE joint_walks RENAME COLUMN min_distance_m TO nearest_m; "
      "UPDATE packwalk_schema SET version = version + 1");
  const auto asked = ask_until(ask, [](const Result<void>& answer) {
    return answer || answer.error().code != Errc::broken || tells_newer_version(answer);
  });
  ASSERT_TRUE(tells_newer_version(asked)) << (asked ? "it answers" : asked.error().detail);
  EXPECT_EQ(Errc::broken, asked.error().code) << "it is of the store, and of no device or upload";
  EXPECT_FALSE(connection->begin());
  schema.run(
      "ALTER TABLE joint_walks RENAME COLUMN nearest_m TO min_distance_m; "
      "UPDATE packwalk_schema SET version = version - 1");
  EXPECT_TRUE(ask());
}

TEST(PostgresConnection, NoticesAMigrationThatItsStatementsDoNotFeel) {
  const PostgresSchema schema;
  const auto connection = sql::make_postgres_connection(schema.url(), sql::connect_to_migrated);
  const auto ask = [&] { return connection->query("SELECT number FROM devices", {}, [](const sql::Row&) {}); };
  ASSERT_TRUE(ask());
  schema.run("UPDATE packwalk_schema SET version = version + 1");
  const auto asked = ask_until(ask, [](const Result<void>& answer) { return !answer; });
  ASSERT_FALSE(asked) << "within a minute";
  EXPECT_EQ(Errc::broken, asked.error().code);
  EXPECT_TRUE(tells_newer_version(asked)) << asked.error().detail;
}

TEST(PostgresSchema, MigrationsWaitForEachOtherLongerThanForOtherLocks) {
  const PostgresSchema schema;
  const auto other = sql::make_postgres_connection(schema.url(), sql::connect_to_migrated);
  ASSERT_TRUE(other->begin());
  ASSERT_TRUE(other->query("SELECT pg_advisory_xact_lock(hashtext('packwalk schema'))", {}, [](const sql::Row&) {}));
  auto migrated = std::async(std::launch::async, sql::migrate_postgres, schema.url() + "%20-clock_timeout%3D50");
  while (schema.value_of("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
                         "clock_timestamp() > waitstart + interval '200 ms'") == "0") {
    std::this_thread::yield();
    if (migrated.wait_for(std::chrono::seconds(0)) == std::future_status::ready) break;  // it did not wait
  }
  other->rollback();
  const auto version = migrated.get();
  ASSERT_TRUE(version) << version.error().detail;
  EXPECT_EQ(sql::postgres_schema_version, *version);
}

class SlowPostgres : public testing::Test {
 protected:
  std::unique_ptr<sql::Connection> connect(sql::ConnectClient how, std::chrono::seconds patience) {
    return sql::make_postgres_connection(schema.url() + "&application_name=" + name, std::move(how), patience);
  }
  static Result<void> run(sql::Connection& connection, const char* statement) {
    return connection.query(statement, {}, [](const sql::Row&) {});
  }
  /// Whether the server works for us.
  bool is_at_work() const {
    return schema.value_of("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = '" +
                           name + "'") != "0";
  }

  /// The server sees that we are gone.
  void wait_until_given_up() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (is_at_work()) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }

  static constexpr const char* sleep = "SELECT 1 FROM pg_sleep(3600)";
  const PostgresSchema schema;
  const std::string name = "slow_" + std::to_string(::getpid());
};

TEST_F(SlowPostgres, WorksNoLongerThanSomebodyWaits) {
  const auto connection = connect(sql::connect_reader, sql::usual_patience);
  std::stop_source caller;
  const std::jthread hangs_up([&](const std::stop_token& test_ends) {
    while (!is_at_work() && !test_ends.stop_requested()) std::this_thread::yield();
    caller.request_stop();
  });
  {
    const LimitedWork work({.gone = caller.get_token()});
    EXPECT_EQ(Errc::unavailable, run(*connection, sleep).error().code);
    EXPECT_TRUE(caller.stop_requested()) << "it ended for another reason";
  }
  wait_until_given_up();
  EXPECT_TRUE(run(*connection, "SELECT 1")) << "the next one connects anew";
}

TEST_F(SlowPostgres, IsGivenUpWhenTheTimeOfAQuestionIsOver) {
  const auto connection = connect(sql::connect_reader, sql::usual_patience);
  ASSERT_TRUE(run(*connection, "SELECT 1"));
  const LimitedWork work({.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20)});
  EXPECT_EQ(Errc::unavailable, run(*connection, sleep).error().code);
}

TEST_F(SlowPostgres, IsGivenUpWhenItIsSilentForTooLongAlsoInATransaction) {
  const auto connection = connect(sql::connect_to_migrated, std::chrono::seconds(1));
  ASSERT_TRUE(connection->begin());
  const auto session = connection->session();
  const auto silent = run(*connection, sleep);
  ASSERT_FALSE(silent);
  EXPECT_EQ(Errc::unavailable, silent.error().code);
  EXPECT_NE(std::string::npos, silent.error().detail.find("did not answer in time")) << silent.error().detail;
  EXPECT_FALSE(run(*connection, "SELECT 1")) << "never the second half without the first";
  EXPECT_FALSE(connection->commit());
  connection->rollback();
  wait_until_given_up();
  EXPECT_TRUE(connection->begin());
  EXPECT_NE(session, connection->session());
}

TEST_F(SlowPostgres, IsReadToTheEndAsLongAsItIsNotSilent) {
  const auto connection = connect(sql::connect_to_migrated, std::chrono::seconds(2));
  int rows = 0;
  const auto asked = connection->query(
      "SELECT repeat('x', 9000), (SELECT 1 FROM pg_sleep(0.002 + 0 * i)) FROM generate_series(1, 1500) AS i", {},
      [&](const sql::Row&) { ++rows; });
  EXPECT_TRUE(asked) << asked.error().detail;
  EXPECT_EQ(1500, rows);
}

}  // namespace
}  // namespace packwalk
