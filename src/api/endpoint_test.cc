#include "api/endpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "api/endpoints.h"
#include "app/questions/empty_query_store.h"
#include "base/work_limits.h"

namespace packwalk {
namespace {

const std::string rex_token = "pw_" + std::string(32, 'r');
const std::string new_token = "pw_" + std::string(32, 'n');

DeviceRecord record_of(std::string_view id, std::int64_t number, std::string_view token) {
  return {
      {DeviceNumber{number}, DeviceId::from_text(id).value(), server_time(1), std::nullopt}, hash_of_token(token), {}};
}

/// Its devices change while the server runs.
class Devices final : public DeviceRegistry {
 public:
  explicit Devices(const std::vector<DeviceRecord>& records) : records_(records) {}

  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::optional<DeviceRecord>> find(const DeviceKey&) override { return fail(Errc::unavailable, "not asked"); }
  Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take, const ForgetDevice&) override {
    for (std::size_t i = static_cast<std::size_t>(revision); i < records_.size(); ++i) take(records_[i]);
    return static_cast<std::int64_t>(records_.size());
  }

 private:
  const std::vector<DeviceRecord>& records_;
};

class StoppedClock final : public Clock {
 public:
  ServerTime now() override { return server_time(1); }
  ServerTime stamp() override { return now(); }
};

/// Has no fixes to read; the answers of the other tests need no store.
class NoStore final : public EmptyQueryStore, public MessageReader {
 public:
  Result<std::vector<Fix>> fixes(DeviceNumber, TimeRange, Paging) override {
    return fail(Errc::unavailable, "there is no store");
  }
  Result<std::vector<StoredMessage>> messages(DeviceNumber, std::optional<Verdict>, const MessageSpan&,
                                              Paging) override {
    return std::vector<StoredMessage>();
  }
};

class EndpointTest : public testing::Test {
 protected:
  struct Shown {
    std::string token = "admin";
    std::string query{};
    std::string id = "rex";
    std::stop_token gone{};
  };
  Response ask(const Endpoint& endpoint, const Shown& shown) { return ask(endpoint, shown, std::chrono::seconds(60)); }
  /// "PATTERN ID: DETAIL" of each error that was reported.
  std::vector<std::string> faults_so_far() {
    pool.join();
    return faults;
  }
  Response ask(const Endpoint& endpoint, const Shown& shown, std::chrono::seconds query_max) {
    const auto answered = std::make_shared<std::promise<Response>>();
    const Route route = route_of(parts(query_max), endpoint);
    route.handler(request(shown), [answered](Response response) { answered->set_value(std::move(response)); });
    return answered->get_future().get();
  }
  /// The status that the head alone is answered with; 200 when the handler may run.
  int checked(const Route& route, const std::string& token) {
    const auto decided = std::make_shared<std::promise<int>>();
    const Request head = request({.token = token});
    route.check(head, [decided](const HeadDecision& decision) {
      EXPECT_NE(decision.is_admitted, decision.refusal.has_value());
      decided->set_value(decision.refusal ? decision.refusal->status : 200);
    });
    return decided->get_future().get();
  }
  static Request request(const Shown& shown) {
    return {.query = shown.query,
            .headers = {{"Authorization", shown.token.empty() ? "" : "Bearer " + shown.token}},
            .parameters = {shown.id},
            .received_at = std::chrono::steady_clock::now(),
            .gone = shown.gone,
            .id = "a1"};
  }
  std::shared_ptr<const ApiParts> parts(std::chrono::seconds query_max) {
    const auto failed = [this](const AnswerFault& fault) {
      const std::lock_guard lock(mutex);
      faults.push_back(std::string(fault.pattern) + " " + fault.request.id + ": " + fault.error.detail);
    };
    return std::make_shared<const ApiParts>(
        ApiParts{directory, positions, store, store, pool, clock, admin_token, {}, query_max, nullptr, failed});
  }
  std::uint64_t ended(JobEnd end) const { return pool.ends()[static_cast<std::size_t>(end)]; }

  std::vector<DeviceRecord> records = {record_of("rex", 1, rex_token)};
  DeviceDirectory directory{std::make_unique<Devices>(records)};
  LivePositions positions;
  NoStore store;
  StoppedClock clock;
  std::mutex mutex;
  std::vector<std::string> faults;  // guarded by mutex
  const AdminToken admin_token{"admin"};
  BlockingPool pool{1, 4};
};

Endpoint endpoint(Answer answer, Runs runs = Runs::on_pool, Needs needs = Action::history) {
  return {Method::get, "/v1/things", needs, runs, {"limit"}, answer};
}
Endpoint of_device(Answer answer, Runs runs = Runs::on_pool) {
  return {Method::get, "/v1/devices/{device}/things", Action::history, runs, {"limit"}, answer};
}

/// Goes on until it must end, and then answers as if it were whole.
Result<Response> endless(Ask&) {
  while (!work_must_end()) {
  }
  return Response{.content_type = "application/json", .body = "[1,"};
}

Result<Response> as_the_driver_says(Ask&) {
  return Response{.status = 503, .content_type = "application/problem+json", .body = "the connection was lost"};
}

/// The device, and what it read.
Result<Response> tell(Ask& ask) {
  const std::size_t limit = ask.in.limit();
  if (auto read = ask.in.check(); !read) return read.failure();
  std::string body = ask.device ? ask.device->id.text() : "no device";
  return Response{.body = body.append(" ").append(std::to_string(limit))};
}

std::string code_of(const Response& response) {
  const std::string begin = R"("code":")";
  const std::size_t at = text_of(response).find(begin);
  if (at == std::string::npos) return text_of(response);
  const std::size_t from = at + begin.size();
  return text_of(response).substr(from, text_of(response).find('"', from) - from);
}

TEST_F(EndpointTest, ThatTakesTooLongIsAnswered503WithWhatToDo) {
  const Response response = ask(endpoint(endless), {}, std::chrono::seconds(1));
  EXPECT_EQ(503, response.status);
  EXPECT_NE(std::string::npos, text_of(response).find("The query took longer than 1 s. Ask for a shorter range"))
      << text_of(response);
  ASSERT_EQ(1U, response.headers.size());
  EXPECT_EQ("Retry-After", response.headers[0].first);
  pool.join();
  EXPECT_EQ(1U, ended(JobEnd::late));
}

TEST_F(EndpointTest, WhoseTimeWasOverIsToldSoAndNotWhatTheDriverMadeOfIt) {
  const Response late = ask(endpoint(as_the_driver_says), {}, std::chrono::seconds(0));
  EXPECT_NE(std::string::npos, text_of(late).find("The query took longer"));
  EXPECT_EQ("the connection was lost", text_of(ask(endpoint(as_the_driver_says), {})));
}

TEST_F(EndpointTest, ReportsTheErrorBehindAnAnswerThatBlamesTheServer) {
  const Answer corrupt = [](Ask&) { return Result<Response>(fail(Errc::corrupt, "row 7 has no time")); };
  const Answer away = [](Ask&) { return Result<Response>(fail(Errc::unavailable, "pg.internal refused")); };
  const Answer unclear = [](Ask&) { return Result<Response>(fail(Errc::invalid_input, "the range is too long")); };
  const Response damaged = ask(endpoint(corrupt), {});
  EXPECT_EQ(500, damaged.status);
  EXPECT_NE(std::string::npos, text_of(damaged).find("Its log has the cause under this request id."))
      << text_of(damaged);
  EXPECT_EQ(std::string::npos, text_of(damaged).find("row 7")) << "details are for the log";
  EXPECT_EQ(503, ask(endpoint(away, Runs::at_once), {}).status);
  EXPECT_EQ(400, ask(endpoint(unclear), {}).status);
  EXPECT_EQ((std::vector<std::string>{"/v1/things a1: row 7 has no time", "/v1/things a1: pg.internal refused"}),
            faults_so_far());
}

TEST_F(EndpointTest, ReportsTheErrorBeforeTheFirstPieceOfAFile) {
  const auto all = endpoints();
  const auto of_fixes = std::find_if(all.begin(), all.end(),
                                     [](const Endpoint& each) { return each.path == "/v1/devices/{device}/fixes"; });
  ASSERT_NE(all.end(), of_fixes);
  EXPECT_EQ(503, ask(*of_fixes, {.query = "format=gpx"}).status);
  EXPECT_EQ((std::vector<std::string>{"/v1/devices/{device}/fixes a1: there is no store"}), faults_so_far());
}

TEST_F(EndpointTest, ReportsNoErrorOfACancelledQuery) {
  const Answer cut_off = [](Ask& asked) {
    static_cast<void>(endless(asked));
    return Result<Response>(work_ended());
  };
  EXPECT_EQ("query_too_long", code_of(ask(endpoint(cut_off), {}, std::chrono::seconds(1))));
  EXPECT_EQ(std::vector<std::string>(), faults_so_far());
}

TEST_F(EndpointTest, DoesNotCallDataDamagedWhenItsHandlerThrows) {
  const Answer throws = [](Ask&) -> Result<Response> { throw std::runtime_error("the shelf broke"); };
  const Response response = ask(endpoint(throws), {});
  EXPECT_EQ(500, response.status);
  EXPECT_EQ("server_fault", code_of(response));
  EXPECT_EQ(std::string::npos, text_of(response).find("damaged")) << text_of(response);
}

TEST_F(EndpointTest, WhoseCallerIsGoneEndsAndAnswersNobody) {
  static std::stop_source caller;  // of this test alone
  const Answer hang_up = [](Ask& asked) {
    caller.request_stop();
    return endless(asked);
  };
  EXPECT_TRUE(ask(endpoint(hang_up), {.gone = caller.get_token()}).drop);
  pool.join();
  EXPECT_EQ(1U, ended(JobEnd::gone));
}

TEST_F(EndpointTest, SettlesCallerDeviceAndParametersBeforeItAnswers) {
  EXPECT_EQ("rex 5", text_of(ask(of_device(tell), {.query = "limit=5"})));
  EXPECT_EQ("no device 1000", text_of(ask(endpoint(tell), {})));
  EXPECT_EQ("no_token", code_of(ask(of_device(tell), {.token = ""})));
  EXPECT_EQ("unknown_token", code_of(ask(of_device(tell), {.token = "stranger"})));
  EXPECT_EQ("unknown_device", code_of(ask(of_device(tell), {.id = "bella"})));
  EXPECT_EQ("unknown_parameter", code_of(ask(of_device(tell), {.query = "x=1", .id = "bella"})));
}

TEST_F(EndpointTest, NamesTheParameterThatIsWrongWhateverItsHandlerReturns) {
  const Response response = ask(endpoint([](Ask& asked) {
                                  asked.in.limit();
                                  return Result<Response>(Response{.body = "as if nothing were wrong"});
                                }),
                                {.query = "limit=0"});
  EXPECT_EQ(400, response.status);
  EXPECT_EQ("invalid_parameter", code_of(response));
  EXPECT_NE(std::string::npos, text_of(response).find(R"("param":"limit")")) << text_of(response);
}

TEST_F(EndpointTest, TakesTheDeviceOfAParameterWhereThePathHasNone) {
  Endpoint of_parameter = endpoint(tell);
  of_parameter.parameter_names = {"device", "limit"};
  EXPECT_EQ("rex 1000", text_of(ask(of_parameter, {.query = "device=rex"})));
  const Response missing = ask(of_parameter, {});
  EXPECT_EQ("missing_parameter", code_of(missing));
  const Response unknown = ask(of_parameter, {.query = "device=bella"});
  EXPECT_EQ(404, unknown.status);
  EXPECT_EQ("unknown_device", code_of(unknown));
  EXPECT_NE(std::string::npos, text_of(unknown).find(R"("param":"device")")) << text_of(unknown);
}

/// A list whose place is the number of its page.
Result<Response> next_page(Ask& ask) {
  const auto place = ask.in.cursor<1>();
  if (auto read = ask.in.check(); !read) return read.failure();
  return Response{.body = ask.next_cursor(std::to_string(place ? place->front() + 1 : 1))};
}

Endpoint list(std::string_view path) {
  return {Method::get, path, Action::history, Runs::on_pool, {"from", "limit", "format", "cursor"}, next_page};
}

TEST_F(EndpointTest, ReadsTheCursorsOfItsOwnPages) {
  const Endpoint of_things = list("/v1/devices/{device}/things");
  std::string cursor = text_of(ask(of_things, {.query = "from=5"}));
  EXPECT_EQ(std::string::npos, cursor.find_first_of(".=/+")) << cursor;
  for (const char* same : {"from=5&cursor=", "cursor=", "limit=3&from=5&cursor=", "format=json&from=%35&cursor="}) {
    const bool is_of_it = same != std::string_view("cursor=");
    const Response response = ask(of_things, {.query = same + cursor});
    EXPECT_EQ(is_of_it ? 200 : 400, response.status) << same;
    if (is_of_it) cursor = text_of(response);
  }
}

TEST_F(EndpointTest, RefusesTheCursorsOfOthers) {
  records.push_back(record_of("bella", 2, new_token));
  ASSERT_TRUE(directory.refresh());
  const Endpoint of_things = list("/v1/devices/{device}/things");
  const std::string cursor = text_of(ask(of_things, {.query = "from=5"}));
  const Response refused[] = {
      ask(of_things, {.query = "from=6&cursor=" + cursor}),
      ask(of_things, {.query = "from=5&cursor=" + cursor, .id = "bella"}),
      ask(list("/v1/devices/{device}/others"), {.query = "from=5&cursor=" + cursor}),
      ask(of_things, {.query = "from=5&cursor=" + cursor.substr(1)}),
      ask(of_things, {.query = "from=5&cursor="}),
      ask(of_things, {.query = "from=5&cursor=12.34"}),
  };
  for (const Response& response : refused) {
    EXPECT_EQ(400, response.status);
    EXPECT_EQ("invalid_cursor", code_of(response));
    EXPECT_NE(std::string::npos, text_of(response).find(R"("param":"cursor")")) << text_of(response);
  }
}

TEST_F(EndpointTest, FindsADeviceThatWasJustMadeWhereItMayBlock) {
  ASSERT_TRUE(directory.refresh());
  records.push_back(record_of("bella", 2, new_token));
  EXPECT_EQ("unknown_device", code_of(ask(of_device(tell, Runs::at_once), {.id = "bella"})));
  EXPECT_EQ("bella 1000", text_of(ask(of_device(tell), {.id = "bella"})));
}

TEST_F(EndpointTest, ForbidsADeviceWhatIsNotForDevices) {
  ASSERT_TRUE(directory.refresh());
  for (const char* id : {"rex", "bella"}) {
    const Response response = ask(of_device(tell), {.token = rex_token, .id = id});
    EXPECT_EQ(403, response.status) << "whether there is such a device or not";
    EXPECT_EQ("forbidden", code_of(response));
  }
}

TEST_F(EndpointTest, IsForAnybodyWhereItNeedsNothing) {
  EXPECT_EQ("no device 1000", text_of(ask(endpoint(tell, Runs::at_once, anybody), {.token = ""})));
}

TEST_F(EndpointTest, DecidesByTheHeadAndLooksOnceMoreForATokenThatItDoesNotKnow) {
  for (const Route& route : api_routes(*parts(std::chrono::seconds(60)))) {
    ASSERT_TRUE(route.check) << route.pattern;
    EXPECT_EQ(0U, route.body_bytes_max) << route.pattern;
    if (route.pattern == "/openapi.yaml") continue;
    EXPECT_EQ(401, checked(route, "")) << route.pattern;
    EXPECT_EQ(401, checked(route, "stranger")) << route.pattern;
    EXPECT_EQ(401, checked(route, new_token)) << route.pattern;
    EXPECT_EQ(403, checked(route, rex_token)) << route.pattern;
    EXPECT_EQ(200, checked(route, "admin")) << route.pattern;
  }
}

}  // namespace
}  // namespace packwalk
