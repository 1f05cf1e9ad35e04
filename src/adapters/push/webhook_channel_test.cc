#include "adapters/push/webhook_channel.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <stdexcept>
#include <thread>

#include "adapters/push/log_channel.h"
#include "base/base64.h"
#include "base/sha256.h"
#include "base/text.h"

namespace packwalk {
namespace {

using Outcome = DeliveryOutcome::Result;

constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr ServerTime now = server_time(1'770'000'010'900'000);
constexpr StatusChange change{DeviceNumber{7}, device_time(1'770'000'000), 1, 2, server_time(1'770'000'001'000'000)};
constexpr const char* change_json = R"({"type":"status_changed","timestamp":"2026-02-02T02:40:00Z","device":"rex",)"
                                    R"("data":{"timestamp":"2026-02-02T02:40:00Z","status_before":1,"status":2,)"
                                    R"("received_at":"2026-02-02T02:40:01.000000Z"}})";

struct Socket {
  explicit Socket(int made) : number(made) {
    if (number < 0) throw std::runtime_error("no socket");
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(number); }
  const int number;
};

struct Received {
  std::string first_line;
  std::map<std::string, std::string> headers;  // by their names in small letters
  std::string body;
};

/// A real HTTP server on a free port of this machine that takes one connection per request.
class LoopbackServer {
 public:
  LoopbackServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_.number, generic, size) != 0 || listen(listener_.number, 8) != 0 ||
        getsockname(listener_.number, generic, &size) != 0) {
      throw std::runtime_error("no port");
    }
    port_ = ntohs(address.sin_port);
  }

  std::string url(const std::string& path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  /// Answers one request with `answer` while `make` makes it.
  template <class Make>
  Received answer(const std::string& answer, Make make) {
    Received received;
    std::thread server([&] {
      const Socket connection(accept(listener_.number, nullptr, nullptr));
      received = read_request(connection.number);
      EXPECT_EQ(static_cast<ssize_t>(answer.size()),
                send(connection.number, answer.data(), answer.size(), MSG_NOSIGNAL));
    });
    make();
    server.join();
    return received;
  }

 private:
  static Received read_request(int connection) {
    std::string bytes;
    const auto read_some = [&] {
      char piece[4096];
      const ssize_t size = recv(connection, piece, sizeof piece, 0);
      if (size <= 0) throw std::runtime_error("the request has no end");
      bytes.append(piece, static_cast<std::size_t>(size));
    };
    while (bytes.find("\r\n\r\n") == std::string::npos) read_some();
    const std::size_t head_size = bytes.find("\r\n\r\n") + 4;
    Received received;
    std::size_t at = 0;
    received.first_line = next_line(bytes, at);
    while (at < head_size) {
      const std::string_view line = next_line(bytes, at);
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      received.headers[lower_case(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
    }
    const auto size = number_from<std::size_t>(received.headers.at("content-length")).value();
    while (bytes.size() < head_size + size) read_some();
    received.body = bytes.substr(head_size);
    return received;
  }

  const Socket listener_{socket(AF_INET, SOCK_STREAM, 0)};
  int port_ = 0;
};

std::string answer_of(const std::string& status, const std::string& headers = "", const std::string& body = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::unique_ptr<PushChannel> channel_to(const std::string& url) {
  return std::move(make_webhook_channel({.url = url, .secret = secret, .ca_file = ""}).value());
}

/// What comes of one attempt that the server answers so.
DeliveryOutcome outcome_after(const std::string& answer) {
  LoopbackServer server;
  DeliveryOutcome outcome;
  server.answer(answer, [&] { outcome = channel_to(server.url())->send(change, "rex", now); });
  return outcome;
}

TEST(WebhookSecret, SignsAsTheExampleOfStandardWebhooks) {
  EXPECT_EQ("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSecret::from_text(secret)->signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                                                        R"({"test": 2432232314})"));
}

TEST(WebhookSecret, MayBePlainTextAndIsNeverShort) {
  EXPECT_TRUE(WebhookSecret::from_text("0123456789abcdef"));
  for (const char* bad : {"", "0123456789abcde", "whsec_c2hvcnQ=", "whsec_not base64, however long it may be"}) {
    const auto read = WebhookSecret::from_text(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(Errc::invalid_input, read.error().code);
  }
}

TEST(WebhookChannel, PostsASignedNotification) {
  LoopbackServer server;
  DeliveryOutcome outcome;
  const Received received =
      server.answer(answer_of("204 No Content"), [&] { outcome = channel_to(server.url())->send(change, "rex", now); });
  EXPECT_EQ(Outcome::delivered, outcome.result) << outcome.detail;
  EXPECT_EQ("POST /hook HTTP/1.1", received.first_line);
  EXPECT_EQ("application/json", received.headers.at("content-type"));
  EXPECT_EQ(change_json, received.body);
  const std::string id = received.headers.at("webhook-id");
  const std::string timestamp = received.headers.at("webhook-timestamp");
  EXPECT_EQ("7:status_changed:1770000000:1:2", id);
  EXPECT_EQ("1770000010", timestamp);
  std::string signature = "v1,";
  append_base64(signature, hmac_sha256(*decode_base64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                                       id + "." + timestamp + "." + received.body));
  EXPECT_EQ(signature, received.headers.at("webhook-signature"));
}

TEST(WebhookChannel, RepeatsTheIdWithEveryAttempt) {
  LoopbackServer server;
  const auto channel = channel_to(server.url());
  const auto id_at = [&](ServerTime time) {
    return server.answer(answer_of("500 Oops"), [&] { channel->send(change, "rex", time); }).headers.at("webhook-id");
  };
  EXPECT_EQ(id_at(now), id_at(now + std::chrono::hours(1)));
}

TEST(WebhookChannel, TriesAgainUnlessTheReceiverIsGone) {
  EXPECT_EQ(Outcome::refused, outcome_after(answer_of("410 Gone")).result);
  for (const char* status : {"301 Moved", "400 Bad Request", "404 Not Found", "429 Slow", "500 Oops", "503 Busy"}) {
    EXPECT_EQ(Outcome::retry, outcome_after(answer_of(status)).result) << status;
  }
  EXPECT_EQ("the webhook answers 404", outcome_after(answer_of("404 Not Found")).detail);
}

TEST(WebhookChannel, TellsWhenToTryAgainAndWhetherOthersWouldFailToo) {
  const DeliveryOutcome slow = outcome_after(answer_of("429 Slow", "Retry-After: 120\r\n"));
  EXPECT_EQ(std::chrono::seconds(120), slow.retry_after);
  EXPECT_TRUE(slow.is_of_channel);
  const DeliveryOutcome oops = outcome_after(answer_of("500 Oops"));
  EXPECT_EQ(std::nullopt, oops.retry_after);
  EXPECT_FALSE(oops.is_of_channel) << "it may dislike this one";
}

TEST(WebhookChannel, FollowsNoRedirect) {
  LoopbackServer trap;
  const DeliveryOutcome outcome = outcome_after(answer_of("307 Over There", "Location: " + trap.url() + "\r\n"));
  EXPECT_EQ(Outcome::retry, outcome.result);
  EXPECT_EQ("the webhook answers 307", outcome.detail);
}

TEST(WebhookChannel, ReadsOnlyTheBeginningOfALongAnswer) {
  EXPECT_EQ(Outcome::delivered, outcome_after(answer_of("200 OK", "", std::string(20'000, 'x'))).result);
}

TEST(WebhookChannel, TriesAgainWhereNobodyAnswers) {
  std::string url;
  {
    const LoopbackServer ended;
    url = ended.url();
  }
  const DeliveryOutcome outcome = channel_to(url)->send(change, "rex", now);
  EXPECT_EQ(Outcome::retry, outcome.result);
  EXPECT_TRUE(outcome.is_of_channel);
  EXPECT_FALSE(outcome.detail.empty());
  const DeliveryOutcome cut = outcome_after("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(Outcome::retry, cut.result) << "half an answer is not an answer";
}

TEST(WebhookChannel, RefusesOtherUrls) {
  for (const char* bad : {"", "hook", "ftp://host/", "http://", "file:///etc/passwd"}) {
    EXPECT_FALSE(make_webhook_channel({.url = bad, .secret = secret, .ca_file = ""})) << bad;
  }
}

TEST(LogChannel, WritesTheSameJson) {
  std::string written;
  const auto channel = make_log_channel([&](const std::string& json) { written = json; });
  EXPECT_EQ(Outcome::delivered, channel->send(change, "rex", now).result);
  EXPECT_EQ(change_json, written);
  channel->send(change, "", now);
  EXPECT_NE(std::string::npos, written.find(R"("device":null,)"));
}

}  // namespace
}  // namespace packwalk
