#include "collars/uploads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "http/server.h"

namespace packwalk {
namespace {

/// A server whose answers come from a list, the last one again and again.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<Response> answers) : answers_(std::move(answers)) {
    ServerOptions options;
    options.port = 0;
    options.threads = 1;
    const Handler next = [this](Request request, const Reply& reply) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
      reply(answers_[std::min(requests_.size(), answers_.size()) - 1]);
    };
    const std::vector<Method> post{Method::post};
    const std::vector<Method> get{Method::get};
    constexpr std::size_t body_bytes_max = 1024UL * 1024;
    server_.emplace(options,
                    Service{{{post, "/v1/packets", next, body_bytes_max}, {get, "/v1/devices/{device}", next}}});
    EXPECT_TRUE(server_->start());
  }

  ServerAddress address() const { return {"127.0.0.1", server_->port()}; }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  const std::vector<Response> answers_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;  // guarded by mutex_
  std::optional<HttpServer> server_;
};

Response answer(int status, std::string body = "{}") {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}
Response come_again() {
  Response response = answer(503);
  response.headers.emplace_back("Retry-After", "0");
  return response;
}
Response silence() { return {.drop = true}; }

UploadOutcome outcome_of(const ServerAddress& address, std::chrono::seconds give_up = std::chrono::seconds(60)) {
  CollarClient client(address, {});
  CollarUploads uploads(client, give_up);
  std::optional<UploadOutcome> outcome;
  uploads.send({.token = "secret", .content_type = "application/json", .body = "[]"},
               [&](const UploadOutcome& ended) { outcome = ended; });
  while (!outcome) uploads.work_until(CollarUploads::Clock::now() + std::chrono::seconds(1));
  EXPECT_EQ(0U, uploads.under_way());
  return *outcome;
}

TEST(CollarUploads, SendTheRequestWithItsTokenAndTellTheAnswer) {
  const ScriptedServer server({answer(202, R"({"taken_count":0,"invalid":[]})")});
  const UploadOutcome outcome = outcome_of(server.address());
  EXPECT_EQ(UploadOutcome::Ending::answered, outcome.ending);
  EXPECT_EQ(R"({"taken_count":0,"invalid":[]})", outcome.body);
  const Request request = server.requests().at(0);
  EXPECT_EQ("/v1/packets", request.path);
  EXPECT_EQ("Bearer secret", request.authorization());
  EXPECT_EQ("application/json", request.content_type());
  EXPECT_EQ("[]", request.body);
}

TEST(CollarUploads, SendAgainWhatABusyServerAsksForOnceMore) {
  const ScriptedServer server({come_again(), come_again(), answer(202)});
  const UploadOutcome outcome = outcome_of(server.address());
  EXPECT_EQ(UploadOutcome::Ending::answered, outcome.ending);
  EXPECT_EQ(2, outcome.busy_answers);
  EXPECT_EQ(0, outcome.lost_answers);
  EXPECT_EQ(3U, server.requests().size());
}

TEST(CollarUploads, SendAgainWhatGotNoAnswerAndCountThat) {
  const ScriptedServer server({silence(), answer(202)});
  const UploadOutcome outcome = outcome_of(server.address());
  EXPECT_EQ(UploadOutcome::Ending::answered, outcome.ending);
  EXPECT_EQ(1, outcome.lost_answers);
}

TEST(CollarUploads, DoNotSendAgainWhatIsRefused) {
  const ScriptedServer server({answer(401, "nobody has this token")});
  const UploadOutcome outcome = outcome_of(server.address());
  EXPECT_EQ(UploadOutcome::Ending::refused, outcome.ending);
  EXPECT_NE(std::string::npos, outcome.trouble.find("nobody has this token"));
  EXPECT_EQ(1U, server.requests().size());
}

TEST(CollarUploads, GiveUpWhenTheServerIsBusyForTooLong) {
  Response late = come_again();
  late.headers.back().second = "3600";
  const ScriptedServer server({late});
  EXPECT_EQ(UploadOutcome::Ending::given_up, outcome_of(server.address()).ending);
}

TEST(CollarUploads, GiveUpWhenNobodyListens) {
  ServerAddress address;
  {
    const ScriptedServer server({answer(202)});
    address = server.address();
  }
  const UploadOutcome outcome = outcome_of(address, std::chrono::seconds(0));
  EXPECT_EQ(UploadOutcome::Ending::given_up, outcome.ending);
  EXPECT_EQ(1, outcome.lost_answers);
}

TEST(CollarClient, KeepsOneConnectionForRequestsOneAfterAnother) {
  const ScriptedServer server({answer(200, "one")});
  CollarClient client(server.address(), {.connections_max = 1});
  std::size_t answered = 0;
  for (int i = 0; i < 50; ++i) {
    client.post({.token = "t", .content_type = "application/json", .body = std::string(1000, ' ')},
                [&](const Result<CollarAnswer>& got) { answered += got && got->body == "one" ? 1 : 0; });
  }
  while (client.under_way() > 0) client.work_until(CollarUploads::Clock::now() + std::chrono::seconds(1));
  EXPECT_EQ(50U, answered);
  const auto got = client.get("/v1/devices/rex", "admin");
  ASSERT_TRUE(got);
  EXPECT_EQ(200, got->status);
  EXPECT_EQ("Bearer admin", server.requests().back().authorization());
}

}  // namespace
}  // namespace packwalk
