#include "api/question.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "api/query_api.h"
#include "base/work_limits.h"

namespace packwalk {
namespace {

class NoDevices final : public DeviceRegistry {
 public:
  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::int64_t> changes_since(std::int64_t, const TakeDevice&, const ForgetDevice&) override { return 0; }
};

class StoppedClock final : public Clock {
 public:
  ServerTime now() override { return server_time(1); }
  ServerTime stamp() override { return now(); }
};

/// The questions of these tests need no store.
class NoStore final : public QueryStore {
 public:
  Result<std::vector<Fix>> fixes(DeviceNumber, TimeRange, std::size_t) override { return none(); }
  Result<std::vector<Sample>> samples(DeviceNumber, TimeRange, std::size_t) override { return none(); }
  Result<std::vector<StoredMessage>> messages(DeviceNumber, std::optional<Verdict>, MessageCursor,
                                              std::size_t) override {
    return none();
  }
  Result<std::vector<Track>> tracks(DeviceNumber, TimeRange, std::size_t) override { return none(); }
  Result<std::vector<ActivitySum>> activity(DeviceNumber, TimeRange) override { return none(); }
  Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber, TimeRange, const WalkCursor&, std::size_t) override {
    return none();
  }
  Result<std::vector<OfPair<JointWalk>>> joint_walks_of_pair(DeviceNumber, DeviceNumber, TimeRange, const WalkCursor&,
                                                             std::size_t) override {
    return none();
  }
  Result<std::vector<Companion>> companions(DeviceNumber, TimeRange, const CompanionCursor&, std::size_t) override {
    return none();
  }
  Result<CurrentState> state(DeviceNumber) override { return none(); }
  Result<std::vector<StaleWindow>> stale_windows(DeviceNumber) override { return none(); }
  Result<void> each_position(const std::function<void(const DevicePosition&)>&) override { return none(); }

 private:
  static Failure none() { return fail(Errc::unavailable, "there is no store"); }
};

class QuestionTest : public testing::Test {
 protected:
  Response ask(const Handler& handler, const std::stop_token& gone = {}) {
    const auto answered = std::make_shared<std::promise<Response>>();
    Request request{
        .headers = {{"Authorization", "Bearer admin"}}, .received_at = std::chrono::steady_clock::now(), .gone = gone};
    handler(std::move(request), [answered](Response response) { answered->set_value(std::move(response)); });
    return answered->get_future().get();
  }
  SharedParts parts(std::chrono::seconds query_max) {
    return std::make_shared<const QueryParts>(
        QueryParts{directory, positions, store, pool, clock, admin_token, {}, query_max});
  }
  std::uint64_t ended(JobEnd end) const { return pool.ends()[static_cast<std::size_t>(end)]; }

  DeviceDirectory directory{std::make_unique<NoDevices>()};
  LivePositions positions;
  NoStore store;
  StoppedClock clock;
  const AdminToken admin_token{"admin"};
  BlockingPool pool{1, 4};
};

/// Goes on until it must end, and then answers as if it were whole.
Response endless(const QueryParts&, const Request&) {
  while (!work_must_end()) {
  }
  return {.content_type = "application/json", .body = "[1,"};
}

Response as_the_driver_says(const QueryParts&, const Request&) {
  return {.status = 503, .content_type = "application/problem+json", .body = "the connection was lost"};
}

TEST_F(QuestionTest, ThatTakesTooLongIsAnswered503WithWhatToDo) {
  const Response response = ask(from_store(parts(std::chrono::seconds(1)), {{}, endless}));
  EXPECT_EQ(503, response.status);
  EXPECT_NE(std::string::npos, text_of(response).find("The query took longer than 1 s. Ask for a shorter range"))
      << text_of(response);
  ASSERT_EQ(1U, response.headers.size());
  EXPECT_EQ("Retry-After", response.headers[0].first);
  pool.join();
  EXPECT_EQ(1U, ended(JobEnd::late));
}

TEST_F(QuestionTest, WhoseTimeWasOverIsToldSoAndNotWhatTheDriverMadeOfIt) {
  const Response late = ask(from_store(parts(std::chrono::seconds(0)), {{}, as_the_driver_says}));
  EXPECT_NE(std::string::npos, late.body.find("The query took longer"));
  const Response broken = ask(from_store(parts(std::chrono::seconds(60)), {{}, as_the_driver_says}));
  EXPECT_EQ("the connection was lost", broken.body);
}

TEST_F(QuestionTest, WhoseCallerIsGoneEndsAndAnswersNobody) {
  std::stop_source caller;
  const Question question{{}, [&](const QueryParts& all, const Request& request) {
                            caller.request_stop();
                            return endless(all, request);
                          }};
  const Response response = ask(from_store(parts(std::chrono::seconds(60)), question), caller.get_token());
  EXPECT_TRUE(response.drop);
  pool.join();
  EXPECT_EQ(1U, ended(JobEnd::gone));
}

TEST_F(QuestionTest, OfAStrangerIsRefusedWhenOnlyItsHeadIsThere) {
  for (const Route& route :
       query_routes({directory, positions, store, pool, clock, admin_token, {}, std::chrono::seconds(60)})) {
    ASSERT_TRUE(route.check) << route.pattern;
    EXPECT_EQ(0U, route.body_bytes_max) << route.pattern;
    int status = 0;
    const auto decide = [&](const HeadDecision& decision) {
      EXPECT_NE(decision.is_admitted, decision.refusal.has_value());
      status = decision.refusal ? decision.refusal->status : 200;
    };
    route.check({.headers = {{"Authorization", "Bearer stranger"}}}, decide);
    EXPECT_EQ(401, status) << route.pattern;
    route.check({.headers = {{"Authorization", "Bearer admin"}}}, decide);
    EXPECT_EQ(200, status) << route.pattern;
  }
}

}  // namespace
}  // namespace packwalk
