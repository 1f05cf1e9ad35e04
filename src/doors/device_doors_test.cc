#include "doors/device_doors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>

#include "base/base64.h"
#include "base/token.h"
#include "http/gzip.h"

namespace packwalk {
namespace {

using namespace std::string_literals;

const std::string rex_token = "pw_" + std::string(32, 'r');
const std::string stranger_token = "pw_" + std::string(32, 's');

/// One device, rex.
class OneDevice final : public DeviceRegistry {
 public:
  explicit OneDevice(int& asked) : asked_(asked) {}

  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::optional<DeviceRecord>> find(const DeviceKey&) override { return fail(Errc::unavailable, "not asked"); }
  Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take, const ForgetDevice&) override {
    ++asked_;
    if (revision < 1) {
      take({{DeviceNumber{1}, DeviceId::from_text("rex").value(), server_time(1), std::nullopt},
            hash_of_token(rex_token),
            {}});
    }
    return 1;
  }

 private:
  int& asked_;
};

class StoppedClock final : public Clock {
 public:
  ServerTime now() override { return server_time(1'767'261'600'000'000); }
  ServerTime stamp() override { return now(); }
};

/// Keeps everything, at once or when the test says so.
class ReadyQueue final : public PacketIntake {
 public:
  Result<void> put(Upload upload, Confirmation confirm) override {
    const std::lock_guard lock(mutex_);
    kept.push_back(std::move(upload));
    if (confirms_at_once) {
      confirm({});
    } else {
      waiting_.push_back(std::move(confirm));
      came_.notify_all();
    }
    return {};
  }
  void close() override {}
  QueueDepth depth(ServerTime /*now*/) const override { return {}; }

  /// Of the next upload, when it is there.
  void confirm_one() {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [this] { return !waiting_.empty(); });
    const Confirmation confirm = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    lock.unlock();
    confirm({});
  }

  bool confirms_at_once = true;
  std::vector<Upload> kept;

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Confirmation> waiting_;
};

std::string basic(const std::string& user, const std::string& password) {
  std::string header = "Basic ";
  append_base64(header, user + ":" + password);
  return header;
}

class DeviceDoors : public testing::Test {
 protected:
  const Route& route(std::string_view pattern) {
    return *std::find_if(routes.begin(), routes.end(), [&](const Route& each) { return each.pattern == pattern; });
  }
  /// The status that the head alone is answered with, below 0 when that is silence; 0 when the body may come.
  int checked(std::string_view pattern, Request head) {
    const auto decided = std::make_shared<std::promise<int>>();
    head.received_at = std::chrono::steady_clock::now();
    route(pattern).check(head, [decided](const HeadDecision& decision) {
      if (!decision.refusal) return decided->set_value(0);
      decided->set_value(decision.refusal->drop ? -decision.refusal->status : decision.refusal->status);
    });
    return decided->get_future().get();
  }
  Response answered(std::string_view pattern, Request request) {
    const auto answer = std::make_shared<std::promise<Response>>();
    request.received_at = std::chrono::steady_clock::now();
    route(pattern).handler(std::move(request), [answer](Response response) { answer->set_value(std::move(response)); });
    return answer->get_future().get();
  }
  Request json(std::string body, const std::string& token = rex_token) {
    return {.method = Method::post,
            .headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}},
            .body = std::move(body)};
  }

  int asked = 0;  // the registry
  DeviceDirectory directory{std::make_unique<OneDevice>(asked)};
  BlockingPool pool{1, 8};
  BodyPool bodies{{.threads = 2, .bodies_max = 8, .bodies_max_of_device = 2}};
  StoppedClock clock;
  ReadyQueue queue;
  AcceptPackets packets{queue, clock, {}, {.day_max = 1000, .unreadable_max = 100}};
  std::vector<std::string> limited;
  std::vector<std::string> refused;
  std::vector<Route> routes = device_doors(
      {.packets = packets,
       .directory = directory,
       .pool = pool,
       .bodies = bodies,
       .body_bytes_max = 1'000'000,
       .limited = [this](std::string_view door,
                         std::string_view limit) { limited.push_back(std::string(door) + " " + std::string(limit)); },
       .refused =
           [this](const Refusal& refusal) {
             refused.push_back(std::string(refusal.door) + " " + std::string(refusal.reason) +
                               (refusal.detail.empty() ? "" : " ") + std::string(refusal.detail));
           }});
};

TEST_F(DeviceDoors, DecideByTheHeadWhoMaySendABody) {
  const std::string rex = "Bearer " + rex_token;
  const std::string stranger = "Bearer " + stranger_token;
  EXPECT_EQ(0, checked("/v1/packets", {.headers = {{"Authorization", rex}, {"Content-Type", "application/json"}}}));
  EXPECT_EQ(401,
            checked("/v1/packets", {.headers = {{"Authorization", stranger}, {"Content-Type", "application/json"}}}));
  EXPECT_EQ(401, checked("/v1/packets", {.headers = {{"Content-Type", "application/json"}}}));
  EXPECT_EQ(415, checked("/v1/packets", {.headers = {{"Authorization", rex}, {"Content-Type", "text/plain"}}}));
  EXPECT_EQ(0, checked("/owntracks", {.headers = {{"Authorization", basic("x", rex_token)}}}));
  EXPECT_EQ(0, checked("/owntracks", {.headers = {{"Authorization", basic(rex_token, "")}}}));
  EXPECT_EQ(401, checked("/owntracks", {.headers = {{"Authorization", basic("x", "y")}}}));
  EXPECT_EQ(401, checked("/owntracks", {}));
  EXPECT_EQ(0, checked("/overland/{token}", {.parameters = {rex_token}}));
  EXPECT_EQ(401, checked("/overland/{token}", {.parameters = {stranger_token}}));
  EXPECT_EQ(0, checked("/osmand/{token}", {.parameters = {rex_token}}));
  EXPECT_EQ(401, checked("/osmand/{token}", {.parameters = {"x"}}));
  EXPECT_EQ(0, checked("/osmand", {.query = "id=" + rex_token}));
  EXPECT_EQ(401, checked("/osmand", {.query = "id=" + stranger_token}));
}

TEST_F(DeviceDoors, WaitForABodyThatMayHoldTheTokenButOnlyForASmallOne) {
  EXPECT_EQ(0, checked("/osmand", {}));
  EXPECT_EQ(0, checked("/", {.query = "id=48213377"}));
  EXPECT_EQ(0, checked("/osmand", {.query = "id=48213377", .headers = {{"Content-Type", "application/json"}}}));
  EXPECT_EQ(65'536U, route("/osmand").stranger_bytes_max);
  EXPECT_EQ(65'536U, route("/").stranger_bytes_max);
  for (const char* pattern : {"/osmand", "/", "/osmand/{token}", "/owntracks", "/overland/{token}", "/pub"}) {
    EXPECT_EQ(8U * 1024 * 1024, route(pattern).body_bytes_max) << pattern;
  }
  EXPECT_EQ(1'000'000U, route("/v1/packets").body_bytes_max);
}

TEST_F(DeviceDoors, FindTheTokenOfAPhoneWhereverItMayStand) {
  for (const char* pattern : {"/osmand", "/", "/owntracks", "/pub", "/overland"}) {
    for (const char* name : {"id", "token", "api_key", "access_token", "key", "whatever"}) {
      EXPECT_EQ(0, checked(pattern, {.method = Method::post, .query = std::string("x=1&") + name + "=" + rex_token}))
          << pattern << name;
    }
    EXPECT_EQ(0, checked(pattern, {.method = Method::post, .headers = {{"Authorization", "Bearer " + rex_token}}}));
    EXPECT_EQ(0,
              checked(pattern, {.method = Method::post, .headers = {{"Authorization", basic("anybody", rex_token)}}}));
    EXPECT_EQ(0, checked(pattern, {.method = Method::post, .headers = {{"Authorization", basic(rex_token, "")}}}));
    EXPECT_EQ(0, checked(pattern, {.method = Method::post,
                                   .query = "id=7&token=" + rex_token,
                                   .headers = {{"Authorization", basic("proxy", "secret")}}}));
    EXPECT_EQ(401, checked(pattern,
                           {.method = Method::post, .headers = {{"Authorization", basic("anybody", stranger_token)}}}))
        << pattern;
    EXPECT_EQ(401, checked(pattern, {.method = Method::post, .query = "token=" + stranger_token})) << pattern;
  }
  EXPECT_EQ(
      0, checked("/owntracks/{token}", {.headers = {{"Authorization", basic("x", rex_token)}}, .parameters = {"pub"}}));
  EXPECT_EQ(404, checked("/", {.method = Method::get})) << "a browser";
}

TEST_F(DeviceDoors, RefuseAPhonesBodyInAnEncodingThatNobodyCanUnpack) {
  EXPECT_EQ(415,
            checked("/overland", {.headers = {{"Authorization", "Bearer " + rex_token}, {"Content-Encoding", "br"}}}));
  EXPECT_EQ(
      0, checked("/overland", {.headers = {{"Authorization", "Bearer " + rex_token}, {"Content-Encoding", "x-gzip"}}}));
  const Response late =
      answered("/osmand", {.headers = {{"Content-Encoding", "deflate"}}, .body = "id=" + rex_token + "&lat=1&lon=2"});
  EXPECT_EQ(415, late.status);
  EXPECT_TRUE(queue.kept.empty());
}

TEST_F(DeviceDoors, AskTheRegistryAboutNothingThatIsNoToken) {
  EXPECT_EQ(401, checked("/v1/packets", {.headers = {{"Authorization", "Bearer " + std::string(10'000, 'a')}}}));
  EXPECT_EQ(401, checked("/v1/packets", {.headers = {{"Authorization", "Bearer " + rex_token + "r"}}}));
  EXPECT_EQ(401, answered("/osmand", {.query = "id=" + std::string(10'000, 'a')}).status);
  EXPECT_EQ(0, asked);
}

TEST_F(DeviceDoors, RefuseBeforeTheBodyWhoeverHasReachedALimit) {
  EXPECT_EQ(202, answered("/v1/packets", json("[" + std::string(98, ' ') + "{},{}]")).status);
  for (int i = 0; i < 3; ++i) packets.count_too_large(DeviceNumber{1});
  refused.clear();
  EXPECT_EQ(503, checked("/v1/packets", json("")));
  EXPECT_EQ(503, checked("/osmand/{token}", {.parameters = {rex_token}}));
  EXPECT_EQ(-503, checked("/osmand/{token}", {.headers = {{"User-Agent", "Traccar%20Client/85 CFNetwork/1408"}},
                                              .parameters = {rex_token}}))
      << "its answer is silence";
  EXPECT_EQ((std::vector<std::string>{"packets unreadable", "osmand unreadable", "osmand unreadable"}), limited);
  EXPECT_EQ(
      (std::vector<std::string>{"packets unreadable_limit", "osmand unreadable_limit", "osmand unreadable_limit"}),
      refused);
}

TEST_F(DeviceDoors, DecodeLargeBodiesOneOfADeviceAtATimeUntilItIsSafe) {
  const std::string large = "[" + std::string(20'000, ' ') + "{}]";
  answered("/v1/packets", json("[{}]"));  // then its token is known, and what follows keeps its order
  queue.confirms_at_once = false;
  std::vector<std::promise<int>> answers(3);
  for (auto& answer : answers) {
    route("/v1/packets").handler(json(large), [&answer](const Response& response) {
      answer.set_value(response.status);
    });
  }
  EXPECT_EQ(503, answers[2].get_future().get()) << "one is under way, one waits";
  EXPECT_EQ((std::vector<std::string>{"packets bodies"}), limited);
  EXPECT_EQ("packets bodies_limit", refused.back());
  auto second = answers[1].get_future();
  queue.confirm_one();
  EXPECT_EQ(202, answers[0].get_future().get());
  EXPECT_EQ(std::future_status::timeout, second.wait_for(std::chrono::seconds(0)));
  queue.confirm_one();
  EXPECT_EQ(202, second.get());
}

const std::string place = R"("coords":{"latitude":1,"longitude":2},"timestamp":"2026-01-01T10:00:00Z")";

/// What each app sends, and what it takes for success.
struct App {
  std::string body;
  Transport transport{};
  std::string success;
};
const std::vector<App>& apps() {
  static const std::vector<App> apps = {
      {R"({"location":{)" + place + "}}", Transport::osmand_json, ""},
      {R"({"device_id":"4","Lat":1,"lng":2,"time":1767261600})", Transport::osmand_json, ""},
      {R"({"lat":"1","lon":"2","timestamp":"1767261600"})", Transport::osmand_json, ""},
      {"id=1&timestamp=1767261600&lat=1&lon=2", Transport::osmand_form, ""},
      {"LAT=1&long=2", Transport::osmand_form, ""},
      {R"({"_type":"location","tst":1767261600,"lat":1,"lon":2})", Transport::owntracks, "[]"},
      {R"({"locations":[{"geometry":{"coordinates":[2,1]},"properties":{"timestamp":"2026-01-01T10:00:00Z"}}]})",
       Transport::overland, R"({"result":"ok"})"},
  };
  return apps;
}

TEST_F(DeviceDoors, KnowTheFormOfAPhoneByItsBodyWhateverTheHeadSays) {
  for (const char* pattern : {"/osmand", "/", "/owntracks", "/overland"}) {
    for (const App& app : apps()) {
      for (const char* type : {"", "text/plain", "application/json", "application/x-www-form-urlencoded"}) {
        for (const std::string& body : {app.body, "\xEF\xBB\xBF" + app.body, gzip(app.body)}) {
          queue.kept.clear();
          const Response response =
              answered(pattern, {.query = "token=" + rex_token,
                                 .headers = {{"Authorization", "Bearer " + rex_token}, {"Content-Type", type}},
                                 .body = body});
          EXPECT_EQ(200, response.status) << pattern << type << app.body;
          EXPECT_EQ(app.success, text_of(response)) << pattern;
          ASSERT_EQ(1U, queue.kept.size());
          ASSERT_EQ(1U, queue.kept[0].messages.size());
          EXPECT_EQ(app.transport, queue.kept[0].transport) << pattern << app.body;
          EXPECT_TRUE(std::holds_alternative<TrackPacket>(queue.kept[0].messages[0].content)) << pattern << app.body;
          EXPECT_EQ(std::string::npos, queue.kept[0].body.find(rex_token));
        }
      }
    }
  }
}

TEST_F(DeviceDoors, AnswerNoPhoneWithSuccessWhatNobodyUnderstood) {
  const std::vector<std::string> puzzles = {"{}",
                                            "{\"x\":1}",
                                            "[{}]",
                                            R"({"device_id":"4","latt":1,"lonn":2})",
                                            R"({"device_id":"4","position":{"lat":1,"lon":2}})",
                                            R"([{"lat":1,"lon":2}])",
                                            "nothing",
                                            "x=1&y=2",
                                            "<gpx version=\"1.1\"/>",
                                            "{\"locations\":[",
                                            "{\"locations\":7}",
                                            gzip("nothing"),
                                            gzip("{\"_type\":\"lwt\"}").substr(0, 20),
                                            std::string("\x02\x01\x00\x00", 4)};
  for (const char* pattern : {"/osmand", "/owntracks", "/overland"}) {
    for (const std::string& body : puzzles) {
      queue.kept.clear();
      EXPECT_EQ(400, answered(pattern, {.headers = {{"Authorization", "Bearer " + rex_token}}, .body = body}).status)
          << pattern << body;
      ASSERT_EQ(1U, queue.kept.size()) << "it is kept";
      EXPECT_FALSE(queue.kept[0].unreadable.empty());
    }
  }
  for (const std::string& body : {gzip("nothing"), std::string("nothing"), std::string("<gpx version=\"1.1\"/>")}) {
    EXPECT_EQ(400, answered("/osmand", {.query = "id=" + rex_token, .body = body}).status)
        << "that its query has a name of the protocol does not make a form of " << body;
  }
  const std::string query = "id=" + rex_token + "&lat=1&lon=2";
  for (const std::string& body :
       {std::string("nothing"), std::string("\r\n"), std::string("batt=9"), std::string("{}")}) {
    EXPECT_EQ(200, answered("/osmand", {.query = query, .body = body}).status) << body;
  }
  for (const char* body : {R"({"device_id":"x"})", R"({"notificationToken":"x"})", R"({"_type":"lwt"})",
                           R"({"locations":[]})", R"({"lat":3,"lon":4})"}) {
    EXPECT_EQ(400, answered("/osmand", {.query = query, .body = body}).status)
        << "the position of the query is not lost";
    EXPECT_EQ(200, answered("/osmand", {.query = "id=" + rex_token, .body = body}).status) << body;
  }
  for (const char* strange :
       {"gps=50.1,8.1&time=1767261600", "latitud=1&longitud=2&timestamp=1767261600", "data=abcdef"}) {
    EXPECT_EQ(400, answered("/osmand", {.query = strange + "&id="s + rex_token}).status) << strange;
    EXPECT_EQ(400, answered("/osmand", {.query = "id=" + rex_token, .body = strange}).status) << strange;
  }
  for (const char* heartbeat : {"batt=80&timestamp=1767261600", "notificationToken=a:b", "charge=true&alarm=sos"}) {
    EXPECT_EQ(200, answered("/osmand", {.query = heartbeat + "&x="s + rex_token}).status) << heartbeat;
    EXPECT_EQ(200, answered("/osmand", {.query = "src=app&id=" + rex_token, .body = heartbeat}).status) << heartbeat;
  }
  EXPECT_EQ(400, answered("/overland", {.headers = {{"Authorization", "Bearer " + rex_token}}, .body = ""}).status);
  for (const std::string& body : {std::string(), std::string("[]"), std::string(R"({"_type":"lwt"})")}) {
    EXPECT_EQ(200, answered("/owntracks", {.headers = {{"Authorization", "Bearer " + rex_token}}, .body = body}).status)
        << "which the app says when there is no position";
  }
}

TEST_F(DeviceDoors, FindATokenInABodyOfAnyType) {
  const std::string json = R"({"device_id":")" + rex_token + R"(","location":{)" + place + "}}";
  const std::string form = "id=" + rex_token + "&timestamp=1767261600&lat=1&lon=2";
  for (const std::string& body : {json, form, gzip(json), gzip(form), "\xEF\xBB\xBF" + json}) {
    for (const char* type : {"", "text/plain", "application/json", "application/x-www-form-urlencoded"}) {
      queue.kept.clear();
      EXPECT_EQ(200, answered("/", {.headers = {{"Content-Type", type}}, .body = body}).status) << type << body;
      ASSERT_EQ(1U, queue.kept.size());
      EXPECT_TRUE(std::holds_alternative<TrackPacket>(queue.kept[0].messages.at(0).content));
      EXPECT_EQ(std::string::npos, queue.kept[0].body.find(rex_token));
    }
  }
  const std::string bomb = gzip(std::string(1'000'000, ' ') + json);
  EXPECT_EQ(401, answered("/", {.body = bomb}).status) << "of a stranger little is unpacked";
}

TEST_F(DeviceDoors, ReadTheTimesOfOverlandInItsOwntracksMode) {
  const Request request{
      .headers = {{"Authorization", "Bearer " + rex_token}, {"User-Agent", "Overland/1.4 CFNetwork/1410 Darwin/22"}},
      .body = R"({"_type":"location","lat":1,"lon":2,"tst":788954400})"};
  EXPECT_EQ(R"({"result":"ok"})", text_of(answered("/owntracks", request)));
  ASSERT_EQ(1U, queue.kept.size());
  EXPECT_EQ(Transport::owntracks_of_overland, queue.kept[0].transport);
  EXPECT_EQ(device_time(1'767'261'600), std::get<TrackPacket>(queue.kept[0].messages[0].content).timestamp);
}

TEST_F(DeviceDoors, UnpackACollarsBodyThatHidesItsEncoding) {
  EXPECT_EQ(202,
            answered("/v1/packets", json(gzip(R"({"type":"track","timestamp":1767261600,"lat":1,"lon":2})"))).status);
  EXPECT_TRUE(std::holds_alternative<TrackPacket>(queue.kept.at(0).messages.at(0).content));
}

TEST_F(DeviceDoors, TellWhatIsWrongWithWhatADeviceSendsWhateverItIsAnswered) {
  EXPECT_EQ(200,
            answered("/owntracks/{token}", {.body = R"({"_type":"encrypted"})", .parameters = {rex_token}}).status);
  EXPECT_EQ(202, answered("/v1/packets", json(R"([{"type":"track","timestamp":1,"lat":91,"lon":0}])")).status);
  EXPECT_EQ(400, answered("/v1/packets", json("[")).status);
  Request text = json("x");
  text.headers = {{"Authorization", "Bearer " + rex_token}, {"Content-Type", "text/plain"}};
  EXPECT_EQ(415, checked("/v1/packets", text));
  ASSERT_EQ(4U, refused.size());
  EXPECT_EQ("owntracks invalid encrypted", refused[0]);
  EXPECT_TRUE(refused[1].starts_with("packets invalid ")) << refused[1];
  EXPECT_TRUE(refused[2].starts_with("packets unreadable ")) << refused[2];
  EXPECT_EQ("packets wrong_form", refused[3]);
  EXPECT_TRUE(limited.empty());
}

TEST_F(DeviceDoors, TellNothingOfWhatIsRight) {
  EXPECT_EQ(200,
            answered("/owntracks/{token}", {.body = R"({"_type":"waypoints"})", .parameters = {rex_token}}).status);
  EXPECT_EQ(202, answered("/v1/packets", json("[]")).status);
  EXPECT_TRUE(refused.empty()) << refused.front();
}

TEST_F(DeviceDoors, KeepAPackedBodyWithATokenUnpackedAndBlanked) {
  Request request = json(gzip("{\"token\":\"" + rex_token + "\""));
  request.headers.add("Content-Encoding", "gzip");
  EXPECT_EQ(400, answered("/v1/packets", std::move(request)).status);
  ASSERT_EQ(1U, queue.kept.size());
  EXPECT_EQ("{\"token\":\"" + std::string(35, '*') + "\"", queue.kept[0].body);
}

/// gzip with a text among its header's fields (RFC 1952).
std::string gzip_with(char flag, const std::string& field, std::string_view content) {
  const std::string packed = gzip(content);
  return packed.substr(0, 3) + flag + packed.substr(4, 6) + field + packed.substr(10);
}

TEST_F(DeviceDoors, KeepNoTokenOfTheHeadersOfAPackedBody) {
  const std::string_view extra_bytes("\x23\0", 2);
  for (const std::string_view content : {"[{}]", "{\"a\":"}) {
    for (const std::string& packed :
         {gzip_with('\x08', rex_token + '\0', content), gzip_with('\x10', rex_token + '\0', content),
          gzip_with('\x04', std::string(extra_bytes) + rex_token, content),
          gzip(content) + gzip_with('\x08', rex_token + '\0', ""),
          gzip_with('\x08', rex_token + '\0', content).substr(0, 60)}) {
      Request request = json(packed);
      request.headers.add("Content-Encoding", "gzip");
      queue.kept.clear();
      answered("/v1/packets", std::move(request));
      ASSERT_EQ(1U, queue.kept.size());
      EXPECT_EQ(std::string::npos, queue.kept[0].body.find(rex_token));
    }
  }
}

}  // namespace
}  // namespace packwalk
