// What can befall a worker's connection to PostgreSQL.
#include <gtest/gtest.h>
#include <unistd.h>

#include "adapters/postgres/postgres_store.h"
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

}  // namespace
}  // namespace packwalk
