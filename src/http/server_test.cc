#include "http/server.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "http/problem.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using namespace std::string_literals;

/// A client that writes bytes and reads whatever comes.
class Client {
 public:
  explicit Client(std::uint16_t port, const char* from = "127.0.0.1") : socket_(context_) {
    socket_.open(tcp::v4());
    socket_.bind({asio::ip::make_address(from), 0});
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }

  void send(std::string_view bytes) {
    error_code ignored;  // the server may have ended it
    asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ignored);
  }
  void end_sending() { socket_.shutdown(tcp::socket::shutdown_send); }
  void close() { socket_.close(); }

  /// The status of the next response, whose body is read too; 0 when the connection ends before.
  int status() {
    error_code error;
    while (received_.find("\r\n\r\n") == std::string::npos) {
      if (!receive()) return 0;
    }
    const int code = std::stoi(received_.substr(9));
    const std::size_t head = received_.find("\r\n\r\n") + 4;
    const std::size_t at = received_.find("Content-Length: ");
    const std::size_t body = at < head ? std::stoul(received_.substr(at + 16)) : 0;
    while (received_.size() < head + body) {
      if (!receive()) return 0;
    }
    received_.erase(0, head + body);
    return code;
  }
  /// All that comes until the connection ends; whether it ended as it should, and was not reset.
  std::pair<std::string, bool> everything() {
    error_code error;
    char bytes[4096];
    while (true) {
      const std::size_t size = socket_.read_some(asio::buffer(bytes), error);
      received_.append(bytes, size);
      if (error) return {std::exchange(received_, {}), error == asio::error::eof};
    }
  }
  /// Reads a response of `size` bytes, evenly, in so much time. Whether all of it came.
  bool reads_slowly(std::size_t size, std::chrono::milliseconds time) {
    const auto began = std::chrono::steady_clock::now();
    while (received_.size() < size) {
      std::this_thread::sleep_until(began + time * received_.size() / size);
      if (!receive()) return false;
    }
    return true;
  }
  /// Waits for its end; what comes before is no answer that anybody expects.
  bool is_ended() {
    if (!received_.empty()) return false;
    return !receive();
  }

 private:
  bool receive() {
    char bytes[4096];
    error_code error;
    const std::size_t size = socket_.read_some(asio::buffer(bytes), error);
    received_.append(bytes, size);
    return !error;
  }

  asio::io_context context_;
  tcp::socket socket_;
  std::string received_;
};

/// A body of pieces that the test gives when it likes.
class HeldSource final : public BodySource {
 public:
  void next(TakePiece take) override {
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (take_) overlapping_ = true;
    take_ = std::move(take);
    changed_.notify_all();
  }
  void give(Result<BodyPiece> piece) {
    TakePiece take;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return take_ != nullptr; });
      take = std::exchange(take_, nullptr);
    }
    take(std::move(piece));
  }
  bool is_asked() const {
    const std::lock_guard lock(mutex_);
    return take_ != nullptr;
  }
  int asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  bool was_asked_twice_at_once() const {
    const std::lock_guard lock(mutex_);
    return overlapping_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  TakePiece take_;
  int asked_ = 0;
  bool overlapping_ = false;
};

/// What a handler was given and has not answered.
struct Held {
  Request request;
  Reply reply;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options.port = 0;
    options.threads = 2;
  }
  ~HttpServerTest() override {
    server.reset();  // its threads use what follows
  }

  std::uint16_t start() {
    const std::vector<Method> get{Method::get};
    const std::vector<Method> post{Method::post};
    const auto ok = [](const Request& request, const Reply& reply) {
      reply({.content_type = "text/plain", .body = request.remote_address + " " + std::to_string(request.body.size())});
    };
    const auto hold = [this](Request request, Reply reply) {
      const std::lock_guard lock(mutex);
      waiting.push_back({std::move(request), std::move(reply)});
      changed.notify_all();
    };
    const auto who = [this](const Request& request, const Reply& reply) {
      {
        const std::lock_guard lock(mutex);
        devices.push_back(request.device);
      }
      reply({});
    };
    const auto throws = [](const Request&, const Reply&) { throw std::runtime_error("the shelf broke"); };
    const auto throws_number = [](const Request&, const Reply&) { throw 7; };
    const auto splits = [](const Request& request, const Reply& reply) {
      Response response;
      response.headers.emplace_back("Link", form_decoded_query(request));
      reply(std::move(response));
    };
    const auto large = [](const Request&, const Reply& reply) { reply({.body = std::string(large_size, 'x')}); };
    const auto stream = [this](const Request& request, const Reply& reply) {
      gone = request.gone;
      reply({.content_type = "text/plain", .body = "first ", .rest = source});
    };
    const HeadCheck knows = [this](const Request& head, const Decided& decide) {
      ++checks;
      if (head.authorization == "Bearer good") return decide({.is_admitted = true, .device = DeviceNumber{7}});
      if (head.authorization.starts_with("Bearer good")) {
        return decide({.is_admitted = true, .device = DeviceNumber{std::stoi(head.authorization.substr(11))}});
      }
      if (head.authorization == "Bearer throw") throw std::bad_alloc();
      decide({.refusal = unauthorized(Problem::unknown_token, "nobody has this token")});
    };
    std::vector<Route> routes = {{get, "/ok", ok},
                                 {post, "/open", ok, body_max},
                                 {post, "/door/{token}", ok, body_max, knows, true},
                                 {post, "/who", who, body_max},
                                 {post, "/who/known", who, body_max, knows},
                                 {post, "/hold", hold, body_max, nullptr, false, true},
                                 {get, "/hold", hold, 0, nullptr, false, true},
                                 {get, "/throws/{token}", throws},
                                 {get, "/number", throws_number},
                                 {get, "/splits", splits},
                                 {get, "/large", large},
                                 {get, "/stream", stream, 0, nullptr, false, true}};
    const auto report = [this](const Fault& fault) {
      const std::lock_guard lock(mutex);
      faults.push_back(std::string(fault.method) + " " + std::string(fault.pattern) + " " + std::string(fault.address) +
                       ": " + std::string(fault.what));
    };
    const auto unhandled = [this](const Unhandled& request) {
      const std::lock_guard lock(mutex);
      refused.push_back(std::string(request.reason) + " " + std::string(request.address) + " " +
                        std::string(request.path));
    };
    server.emplace(options, Service{std::move(routes), [](const AnsweredRequest&) {}, report, unhandled});
    EXPECT_TRUE(server->start());
    return server->port();
  }

  static std::string form_decoded_query(const Request& request) {
    return request.query == "cut" ? "a\r\nSet-Cookie: b" : request.query;
  }

  Held wait_for_held() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !waiting.empty(); });
    Held first = std::move(waiting.front());
    waiting.pop_front();
    return first;
  }

  static void wait_for(const std::function<bool()>& is_so) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!is_so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until);
      std::this_thread::yield();
    }
  }

  static std::string get(const std::string& path, const std::string& fields = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
  }
  static std::string post(const std::string& path, std::size_t length, const std::string& fields = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n" + fields +
           "\r\n";
  }

  static constexpr std::size_t body_max = 1024UL * 1024;
  static constexpr std::size_t large_size = 8UL * 1024 * 1024;
  ServerOptions options;
  std::mutex mutex;
  std::condition_variable changed;
  std::list<Held> waiting;
  std::vector<std::string> faults;
  std::vector<std::optional<DeviceNumber>> devices;  // that /who was handed
  std::vector<std::string> refused;
  std::shared_ptr<HeldSource> source = std::make_shared<HeldSource>();
  std::stop_token gone;
  std::atomic<int> checks = 0;
  std::optional<HttpServer> server;
};

TEST_F(HttpServerTest, RefusesARequestBeforeItsBodyComes) {
  const auto port = start();
  for (const std::string& head : {post("/door/x", body_max), post("/door/x", body_max, "Authorization: Bearer bad\r\n"),
                                  post("/nothing", body_max), post("/ok", body_max), post("/open", body_max + 1),
                                  post("/door/x", 100, "Expect: 100-continue\r\n")}) {
    Client client(port);
    client.send(head);
    const int status = client.status();
    EXPECT_TRUE(status == 401 || status == 404 || status == 405 || status == 413) << head << status;
    EXPECT_TRUE(client.is_ended());
  }
  EXPECT_EQ(0U, server->body_bytes());
}

TEST_F(HttpServerTest, HandsTheDeviceOnThatAWholeRequestHasShown) {
  const std::string good = "Authorization: Bearer good\r\n";
  Client client(start());
  client.send(post("/who/known", 5, good) + "hello" + post("/who", 5, good) + "hello");
  EXPECT_EQ(200, client.status());
  EXPECT_EQ(200, client.status());
  client.send(post("/who/known", 5, good + "Expect: 100-continue\r\n"));
  EXPECT_EQ(100, client.status());
  client.send("hello");
  EXPECT_EQ(200, client.status());
  const std::lock_guard lock(mutex);
  // The second has none of its own, and the third's token may have been replaced before its body came.
  EXPECT_EQ((std::vector<std::optional<DeviceNumber>>{DeviceNumber{7}, std::nullopt, std::nullopt}), devices);
}

TEST_F(HttpServerTest, AnswersExpectationsOnceTheHeadIsAccepted) {
  Client client(start());
  client.send(post("/door/x", 5, "Authorization: Bearer good\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(100, client.status());
  client.send("hello");
  EXPECT_EQ(200, client.status());
  EXPECT_EQ(1, checks);
}

TEST_F(HttpServerTest, KeepsAConnectionWhoseRefusedBodyIsSmall) {
  Client client(start());
  for (int i = 0; i < 3; ++i) {
    client.send(post("/door/x", 5000));
    EXPECT_EQ(401, client.status());
    client.send(std::string(5000, 'G'));
    client.send(post("/nothing", 3, "") + "abc");
    EXPECT_EQ(404, client.status());
    client.send("POST /door/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
                get("/ok"));
    EXPECT_EQ(401, client.status());
    EXPECT_EQ(200, client.status());
  }
}

TEST_F(HttpServerTest, WantsAHostWhereTheRouteDoesNotSayOtherwise) {
  const auto port = start();
  const std::string credentials = "Authorization: Bearer good\r\nContent-Length: 0\r\n";
  for (const auto& [head, status] : std::initializer_list<std::pair<std::string, int>>{
           {"GET /ok HTTP/1.1\r\n\r\n", 400},
           {"GET /ok HTTP/1.1\r\nHost:\r\n\r\n", 400},
           {"GET /nothing HTTP/1.1\r\n\r\n", 400},
           {"GET /ok HTTP/1.0\r\n\r\n", 200},
           {"POST /door/x HTTP/1.1\r\n" + credentials + "\r\n", 200},
           {"POST /door/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + credentials + "\r\n", 400}}) {
    Client client(port);
    client.send(head + (status == 400 ? get("/ok") : ""));
    EXPECT_EQ(status, client.status()) << head;
    if (status == 400) {
      EXPECT_TRUE(client.is_ended()) << "and what follows is no request";
    }
  }
}

TEST_F(HttpServerTest, EndsOnlyTheConnectionInWhichSomethingWasThrown) {
  Client other(start());
  other.send(get("/ok"));
  EXPECT_EQ(200, other.status());
  Client throws(server->port());
  throws.send(get("/throws/secret?token=secret"));
  EXPECT_EQ(500, throws.status());
  EXPECT_TRUE(throws.is_ended());
  Client number(server->port());
  number.send(get("/number"));
  EXPECT_TRUE(number.is_ended());
  Client check(server->port());
  check.send(post("/door/secret", 5, "Authorization: Bearer throw\r\n") + "hello");
  EXPECT_TRUE(check.is_ended());
  other.send(get("/ok"));
  EXPECT_EQ(200, other.status());
  const std::lock_guard lock(mutex);
  ASSERT_EQ(3U, faults.size());
  EXPECT_EQ("GET /throws/{token} 127.0.0.1: the shelf broke", faults[0]);
  EXPECT_TRUE(faults[1].starts_with("GET /number 127.0.0.1: ")) << faults[1];
  EXPECT_TRUE(faults[2].starts_with("POST /door/{token} 127.0.0.1: ")) << faults[2];
}

TEST_F(HttpServerTest, SendsNoHeaderThatCouldEndItsLine) {
  Client client(start());
  client.send(get("/splits?a=b"));
  EXPECT_EQ(200, client.status());
  client.send(get("/splits?cut"));
  EXPECT_EQ(500, client.status());
  EXPECT_TRUE(client.is_ended());
  const std::lock_guard lock(mutex);
  EXPECT_EQ(1U, faults.size());
}

TEST_F(HttpServerTest, SendsABodyPieceByPieceAsItIsMade) {
  Client client(start());
  client.send(get("/stream") + get("/ok", "Connection: close\r\n"));
  source->give(BodyPiece{"", false});  // nothing yet
  source->give(BodyPiece{std::string(100'000, 'x'), false});
  source->give(BodyPiece{"last", true});
  const auto [text, ended] = client.everything();
  EXPECT_TRUE(ended);
  const std::size_t body = text.find("\r\n\r\n") + 4;
  EXPECT_NE(std::string::npos, text.substr(0, body).find("Transfer-Encoding: chunked"));
  const std::string expected = "6\r\nfirst \r\n186a0\r\n" + std::string(100'000, 'x') + "\r\n4\r\nlast\r\n0\r\n\r\n";
  EXPECT_EQ(expected, text.substr(body, expected.size()));
  EXPECT_TRUE(text.substr(body + expected.size()).starts_with("HTTP/1.1 200 OK\r\n")) << "the next request is answered";
  EXPECT_EQ(3, source->asked());
  EXPECT_FALSE(source->was_asked_twice_at_once());
  wait_for([this] { return server->response_bytes() == 0; });
}

TEST_F(HttpServerTest, EndsABodyWithAnEmptyPiece) {
  Client client(start());
  client.send(get("/stream", "Connection: close\r\n"));
  source->give(BodyPiece{"", true});
  EXPECT_TRUE(client.everything().first.ends_with("6\r\nfirst \r\n0\r\n\r\n"));
}

TEST_F(HttpServerTest, SendsABodyOfPiecesToHttp10WithoutChunks) {
  Client client(start());
  client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  source->give(BodyPiece{"second ", false});
  source->give(BodyPiece{"last", true});
  const auto [text, ended] = client.everything();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(text.ends_with("\r\n\r\nfirst second last")) << text;
  EXPECT_EQ(std::string::npos, text.find("Transfer-Encoding"));
  EXPECT_EQ(std::string::npos, text.find("Content-Length"));
  EXPECT_NE(std::string::npos, text.find("Connection: close"));
}

TEST_F(HttpServerTest, SendsOnlyTheHeadOfABodyOfPiecesToHead) {
  Client client(start());
  client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto [text, ended] = client.everything();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  EXPECT_EQ(0, source->asked());
}

TEST_F(HttpServerTest, ResetsTheConnectionWhenTheRestOfABodyCannotBeMade) {
  start();
  for (const std::string version : {"1.1", "1.0"}) {
    Client client(server->port());
    client.send("GET /stream HTTP/" + version + "\r\nHost: x\r\n\r\n");
    source->give(fail(Errc::unavailable, "the disk is gone"));
    const auto [text, ended] = client.everything();
    EXPECT_FALSE(ended) << "nobody takes what came for the whole";
    EXPECT_FALSE(text.ends_with("0\r\n\r\n"));
  }
  wait_for([this] { return server->connections() == 0 && server->response_bytes() == 0; });
  const std::lock_guard lock(mutex);
  ASSERT_EQ(2U, faults.size());
  EXPECT_EQ("GET /stream 127.0.0.1: a response was cut off: the disk is gone", faults[0]);
}

TEST_F(HttpServerTest, AsksAgainForAPieceThatNobodyHadTimeToMake) {
  Client client(start());
  client.send(get("/stream", "Connection: close\r\n"));
  for (int i = 0; i < 2; ++i) source->give(fail(Errc::overloaded, "later"));
  wait_for([this] { return source->asked() == 3; });
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));  // some sweeps, while it is made
  source->give(BodyPiece{"last", true});
  EXPECT_TRUE(client.everything().first.ends_with("4\r\nlast\r\n0\r\n\r\n"));
  EXPECT_EQ(3, source->asked());
  EXPECT_FALSE(source->was_asked_twice_at_once());
}

TEST_F(HttpServerTest, AsksAgainForAPieceNoLongerThanAWriteMayTake) {
  options.write_timeout = std::chrono::seconds(1);
  Client client(start());
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  std::atomic<bool> has_ended = false;
  std::jthread overloaded([&] {
    while (!has_ended) {
      if (source->is_asked()) source->give(fail(Errc::overloaded, "later"));
      std::this_thread::yield();
    }
  });
  const auto [text, ended] = client.everything();
  has_ended = true;
  EXPECT_FALSE(ended) << "nobody takes what came for the whole";
  const std::lock_guard lock(mutex);
  ASSERT_EQ(1U, faults.size());
  EXPECT_NE(std::string::npos, faults[0].find("was cut off")) << faults[0];
}

TEST_F(HttpServerTest, MakesNoMoreOfABodyWhoseCallerIsGone) {
  const auto port = start();
  {
    Client client(port);
    client.send(get("/stream"));
    wait_for([this] { return source->asked() == 1; });
    EXPECT_FALSE(gone.stop_requested());
  }
  wait_for([this] { return gone.stop_requested(); });
  source->give(BodyPiece{"too late", false});
  wait_for([this] { return server->connections() == 0 && server->response_bytes() == 0; });
  EXPECT_EQ(1, source->asked());
}

TEST_F(HttpServerTest, EndsTheConnectionOfWhoDoesNotReadABodyOfPieces) {
  options.write_timeout = std::chrono::seconds(1);
  Client client(start());
  client.send(get("/stream"));
  std::jthread giver([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (source->is_asked()) source->give(BodyPiece{std::string(256UL * 1024, 'x'), false});
      std::this_thread::yield();
    }
  });
  wait_for([this] { return server->connections() == 1; });
  wait_for([this] { return server->connections() == 0; });
  EXPECT_EQ(0U, server->response_bytes());
}

TEST_F(HttpServerTest, BoundsTheMemoryOfAllBodiesOfPieces) {
  options.responses_bytes_max = 2 * BodySource::piece_bytes_max;
  const auto port = start();
  Client first(port, "127.0.0.2");
  first.send(get("/stream"));
  wait_for([this] { return source->asked() == 1; });
  EXPECT_EQ(BodySource::piece_bytes_max, server->response_bytes());
  Client second(port, "127.0.0.2");
  second.send(get("/stream"));
  EXPECT_EQ(503, second.status()) << "one address gets half of it";
  source->give(BodyPiece{"", true});
  wait_for([this] { return server->response_bytes() == 0; });
}

TEST_F(HttpServerTest, WaitsUntilThereIsRoomForALargePieceOfABody) {
  constexpr std::size_t piece = BodySource::piece_bytes_max;
  options.responses_bytes_max = large_size + 3 * piece / 2;
  const auto port = start();
  auto deaf = std::make_optional<Client>(port, "127.0.0.2");
  deaf->send(get("/large"));
  wait_for([this] { return server->response_bytes() >= large_size; });
  Client client(port, "127.0.0.3");
  client.send(get("/stream", "Connection: close\r\n"));
  source->give(BodyPiece{std::string(2 * piece, 'x'), false});
  std::this_thread::sleep_for(std::chrono::milliseconds(700));  // a sweep looks for room, and there is none
  deaf.reset();
  source->give(BodyPiece{"last", true});
  const auto [text, ended] = client.everything();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(text.ends_with("4\r\nlast\r\n0\r\n\r\n"));
  EXPECT_LT(2 * piece, text.size());
}

TEST_F(HttpServerTest, SendsALargePieceThoughItIsLargerThanTheShareOfItsAddress) {
  options.responses_bytes_max = 3 * BodySource::piece_bytes_max;
  Client client(start());
  client.send(get("/stream", "Connection: close\r\n"));
  source->give(BodyPiece{std::string(2 * BodySource::piece_bytes_max, 'x'), true});
  EXPECT_TRUE(client.everything().second);
}

TEST_F(HttpServerTest, TellsOfRequestsThatReachNoHandler) {
  const auto port = start();
  for (const std::string& bytes : {get("/nothing?x=y"), "PUT /ok HTTP/1.1\r\nHost: x\r\n\r\n"s, "HELO x\r\n\r\n"s,
                                   "\x16\x03\x01\x02\x10\x01\x02\x0c\x03\x03 and so on"s, post("/open", body_max + 1),
                                   get("/ok", "X: " + std::string(20'000, 'x') + "\r\n")}) {
    Client client(port);
    client.send(bytes);
    EXPECT_NE(0, client.status());
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(
      (std::vector<std::string>{"unknown_path 127.0.0.1 /nothing", "wrong_method 127.0.0.1 /ok", "malformed 127.0.0.1 ",
                                "tls 127.0.0.1 ", "too_large 127.0.0.1 /open", "too_large 127.0.0.1 "}),
      refused);
}

TEST_F(HttpServerTest, BoundsTheBytesOfAllBodiesTogether) {
  options.bodies_bytes_max = 4 * body_max;
  const auto port = start();
  std::list<Client> slow;
  const auto send_but_one = [&](const char* from) {
    slow.emplace_back(port, from).send(post("/open", body_max) + std::string(body_max - 1, 'x'));
  };
  for (int i = 0; i < 2; ++i) send_but_one("127.0.0.2");
  wait_for([this] { return server->body_bytes() == 2 * body_max; });
  Client same(port, "127.0.0.2");
  same.send(post("/open", body_max) + std::string(body_max, 'x'));
  EXPECT_EQ(503, same.status()) << "one address gets half of it";
  send_but_one("127.0.0.3");
  wait_for([this] { return server->body_bytes() == 3 * body_max; });
  Client late(port);
  late.send(post("/open", body_max) + std::string(body_max, 'x'));
  EXPECT_EQ(503, late.status()) << "the last quarter is for small ones";
  Client small(port);
  small.send(post("/open", 100) + std::string(100, 'x'));
  EXPECT_EQ(200, small.status()) << "a small body needs no share";
  for (Client& client : slow) {
    client.send("x");
    EXPECT_EQ(200, client.status());
  }
  wait_for([this] { return server->body_bytes() == 0; });
}

TEST_F(HttpServerTest, GivesOneDeviceNoMoreThanOneRequestFromAnyNumberOfAddresses) {
  options.bodies_bytes_max = 4 * body_max;
  const auto port = start();
  const std::string good = "Authorization: Bearer good\r\n";
  Client slow(port, "127.0.0.2");
  slow.send(post("/who/known", body_max, good) + std::string(body_max - 1, 'x'));
  wait_for([this] { return server->body_bytes() == body_max; });
  Client again(port, "127.0.0.3");
  again.send(post("/who/known", body_max, good) + std::string(body_max, 'x'));
  EXPECT_EQ(503, again.status());
  Client other(port, "127.0.0.3");
  other.send(post("/open", body_max) + std::string(body_max, 'x'));
  EXPECT_EQ(200, other.status());
  slow.send("x");
  EXPECT_EQ(200, slow.status());
  slow.send(post("/who/known", body_max, good) + std::string(body_max, 'x'));
  EXPECT_EQ(200, slow.status()) << "what it held is given back";
}

TEST_F(HttpServerTest, HasRoomForASmallBodyOfADeviceWhateverSomeOthersHold) {
  options.bodies_bytes_max = 4 * body_max;
  const auto port = start();
  std::list<Client> slow;
  for (const char* stolen : {"1", "2", "3", "4"}) {
    const char* const from = slow.size() < 2 ? "127.0.0.2" : "127.0.0.3";
    slow.emplace_back(port, from)
        .send(post("/who/known", body_max, "Authorization: Bearer good"s + stolen + "\r\n") +
              std::string(body_max - 1, 'x'));
    if (slow.size() < 4) wait_for([&] { return server->body_bytes() == slow.size() * body_max; });
  }
  EXPECT_EQ(503, slow.back().status());
  const std::string small(64UL * 1024, 'x');
  const std::string good = "Authorization: Bearer good\r\n";
  Client other(port, "127.0.0.4");
  other.send(post("/who/known", small.size(), good) + small);
  EXPECT_EQ(200, other.status());
  Client same_address(port, "127.0.0.2");
  same_address.send(post("/who/known", small.size(), good) + small);
  EXPECT_EQ(200, same_address.status()) << "also from their address";
  Client in_chunks(port, "127.0.0.2");
  in_chunks.send("POST /who/known HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + good + "\r\n10000\r\n" +
                 small + "\r\n0\r\n\r\n");
  EXPECT_EQ(200, in_chunks.status());
  Client large(port, "127.0.0.4");
  large.send(post("/who/known", body_max, good) + std::string(body_max, 'x'));
  EXPECT_EQ(503, large.status());
}

TEST_F(HttpServerTest, HasRoomForSmallBodiesOfDevicesBehindAProxyThatStrangersUseToo) {
  options.bodies_bytes_max = 4 * body_max;
  options.address_connections_max = options.connections_max;
  const auto port = start();
  std::list<Client> strangers;
  for (std::size_t i = 1; i <= 3; ++i) {
    strangers.emplace_back(port).send(post("/open", body_max) + std::string(body_max - 1, 'x'));
    wait_for([&] { return server->body_bytes() == i * body_max; });
  }
  const std::string small(64UL * 1024, 'x');
  Client stranger(port);
  stranger.send(post("/open", small.size()) + small);
  EXPECT_EQ(503, stranger.status());
  Client device(port);
  device.send(post("/who/known", small.size(), "Authorization: Bearer good\r\n") + small);
  EXPECT_EQ(200, device.status());
}

TEST_F(HttpServerTest, HasRoomForSmallBodiesOfDevicesWhateverStrangersHoldFromAnyNumberOfAddresses) {
  options.bodies_bytes_max = 4 * body_max;
  const auto port = start();
  const std::string small(64UL * 1024, 'x');
  std::list<Client> strangers;
  const auto next_address = [&] { return "127.0.1." + std::to_string(1 + strangers.size()); };
  for (std::size_t held = 0; held + small.size() <= 3 * body_max; held = server->body_bytes()) {
    strangers.emplace_back(port, next_address().c_str()).send(post("/open", small.size()) + small.substr(1));
    wait_for([&] { return server->body_bytes() >= held + small.size() - 1; });
  }
  Client stranger(port, next_address().c_str());
  stranger.send(post("/open", small.size()) + small);
  EXPECT_EQ(503, stranger.status());
  Client device(port);
  device.send(post("/who/known", small.size(), "Authorization: Bearer good\r\n") + small);
  EXPECT_EQ(200, device.status());
}

TEST_F(HttpServerTest, CountsWhatItKeepsOfAHead) {
  const auto port = start();
  const std::string query(15'700, 'q');
  const std::string agent(15'700, 'a');
  for (const std::string& bytes :
       {post("/open?" + query, 4000) + std::string(3990, 'x'), post("/open", 4000, "User-Agent: " + agent + "\r\n"),
        get("/hold", "Authorization: " + agent + "\r\n")}) {
    SCOPED_TRACE(bytes.substr(0, 20));
    Client client(port);
    client.send(bytes);
    wait_for([&] { return server->body_bytes() >= query.size(); });
    client.close();
    if (bytes.starts_with("GET /hold")) wait_for_held().reply({});
    wait_for([&] { return server->body_bytes() == 0; });
  }
  Client kept(port);
  for (const std::string path : {"/ok?", "/nothing?"}) {
    kept.send(get(path + query));
    EXPECT_NE(0, kept.status());
    wait_for([&] { return server->body_bytes() == 0; });
  }
}

TEST_F(HttpServerTest, RefusesARequestWhoseHeadAloneIsTooMuch) {
  options.bodies_bytes_max = 0;  // one request of the greatest size: a body and four heads
  const auto port = start();
  Client body(port, "127.0.0.2");
  body.send(post("/open", body_max) + std::string(body_max - 1, 'x'));
  wait_for([this] { return server->body_bytes() == body_max; });
  const std::string head = post("/open?" + std::string(15'700, 'q'), 4000);
  std::list<Client> heads;
  for (std::size_t count = 1; count <= 3; ++count) {
    heads.emplace_back(port).send(head);
    wait_for([&] { return server->body_bytes() >= body_max + count * 15'700; });
  }
  Client more(port);
  more.send(post("/open?" + std::string(15'700, 'q'), 4000) + std::string(3990, 'x'));
  EXPECT_EQ(503, more.status());
}

TEST_F(HttpServerTest, CountsWhatWaitsBehindAResponseThatNobodyReads) {
  const auto port = start();
  Client deaf(port);
  deaf.send("GET /large HTTP/1.1\r\nHost: x\r\nX: " + std::string(9'000, 'x'));
  wait_for([this] { return server->body_bytes() == 3 * 4'096; });
  deaf.send("\r\n\r\n" + std::string(6'000, 'x'));
  wait_for([this] { return server->response_bytes() > 0; });
  EXPECT_EQ(3U * 4'096, server->body_bytes());
}

TEST_F(HttpServerTest, BoundsTheBytesOfResponsesThatNobodyReads) {
  options.responses_bytes_max = 2 * large_size + 1000;
  const auto port = start();
  std::list<Client> deaf;
  for (const char* address : {"127.0.0.2", "127.0.0.3"}) deaf.emplace_back(port, address).send(get("/large"));
  wait_for([this] { return server->response_bytes() >= 2 * large_size; });
  Client client(port);
  client.send(get("/large"));
  EXPECT_EQ(503, client.status());
  client.send(get("/ok"));
  EXPECT_EQ(200, client.status());
  deaf.clear();
  wait_for([this] { return server->response_bytes() == 0; });
  client.send(get("/large"));
  EXPECT_EQ(200, client.status());
}

TEST_F(HttpServerTest, GivesOneAddressHalfOfTheBytesOfResponses) {
  options.responses_bytes_max = 4 * large_size + 1000;
  const auto port = start();
  std::list<Client> deaf;
  for (int i = 0; i < 2; ++i) deaf.emplace_back(port, "127.0.0.2").send(get("/large"));
  wait_for([this] { return server->response_bytes() >= 2 * large_size; });
  Client same(port, "127.0.0.2");
  same.send(get("/large"));
  EXPECT_EQ(503, same.status());
  Client other(port);
  other.send(get("/large"));
  EXPECT_EQ(200, other.status());
}

TEST_F(HttpServerTest, SendsOneResponseToAnAddressThoughItIsLargerThanTheShare) {
  options.responses_bytes_max = large_size + 1000;
  Client client(start());
  client.send(get("/large"));
  EXPECT_EQ(200, client.status());
}

TEST_F(HttpServerTest, GivesAProxyAllBytesOfResponses) {
  options.responses_bytes_max = 2 * large_size + 1000;
  options.address_connections_max = options.connections_max;
  const auto port = start();
  std::list<Client> deaf;
  for (int i = 0; i < 2; ++i) deaf.emplace_back(port, "127.0.0.2").send(get("/large"));
  wait_for([this] { return server->response_bytes() >= 2 * large_size; });
}

TEST_F(HttpServerTest, SendsALargeResponseToASlowReaderAsLongAsHeReads) {
  options.write_timeout = std::chrono::seconds(2);
  const auto port = start();
  Client slow(port);
  slow.send(get("/large"));
  EXPECT_TRUE(slow.reads_slowly(large_size, std::chrono::seconds(5)));
  Client deaf(port);
  deaf.send(get("/large"));
  wait_for([this] { return server->response_bytes() > 0; });
  wait_for([this] { return server->response_bytes() == 0; });
}

TEST_F(HttpServerTest, TellsAHandlerThatItsCallerIsGone) {
  const auto port = start();
  const std::string many(20'000, 'x');
  for (const std::string& bytes :
       {get("/hold"), post("/hold", 3) + "abc", get("/hold") + "GET /", get("/hold") + many}) {
    Client client(port);
    client.send(bytes);
    const Held held = wait_for_held();
    EXPECT_FALSE(held.request.gone.stop_requested());
    client.close();
    wait_for([&] { return held.request.gone.stop_requested(); });
    held.reply({.body = "too late"});
  }
  wait_for([this] { return server->connections() == 0; });
}

TEST_F(HttpServerTest, AnswersWhoHasOnlyEndedItsSide) {
  Client client(start());
  client.send(get("/hold") + get("/ok"));
  client.end_sending();
  const Held held = wait_for_held();
  wait_for([&] { return held.request.gone.stop_requested(); });
  held.reply({.body = "late"});
  EXPECT_EQ(200, client.status());
  EXPECT_EQ(200, client.status());
  EXPECT_TRUE(client.is_ended());
}

TEST_F(HttpServerTest, AnswersARequestOnce) {
  Client client(start());
  client.send(get("/hold") + get("/hold"));
  const Held first = wait_for_held();
  first.reply({.body = "1"});
  first.reply({.status = 404});
  EXPECT_EQ(200, client.status());
  const Held second = wait_for_held();
  first.reply({.status = 404});
  second.reply({.status = 202});
  EXPECT_EQ(202, client.status());
}

TEST_F(HttpServerTest, ServesOthersWhenOneAddressTakesAllItCan) {
  options.connections_max = 20;
  const auto port = start();
  std::list<Client> many;
  for (int i = 0; i < 20; ++i) many.emplace_back(port, "127.0.0.2");
  Client more(port, "127.0.0.2");
  EXPECT_TRUE(more.is_ended());
  Client other(port, "127.0.0.3");
  other.send(get("/ok"));
  EXPECT_EQ(200, other.status());
}

TEST_F(HttpServerTest, EndsTheLongestIdleConnectionForANewOne) {
  options.connections_max = 4;
  options.address_connections_max = 4;
  const auto port = start();
  std::list<Client> idle;
  for (int i = 0; i < 4; ++i) {
    Client& client = idle.emplace_back(port);
    client.send(get("/ok"));
    EXPECT_EQ(200, client.status());
  }
  Client fifth(port);
  fifth.send(get("/ok"));
  EXPECT_EQ(200, fifth.status());
  EXPECT_TRUE(idle.front().is_ended());
  for (auto client = std::next(idle.begin()); client != idle.end(); ++client) {
    client->send(get("/hold"));
    wait_for_held().reply({});
    EXPECT_EQ(200, client->status());
  }
}

TEST_F(HttpServerTest, EndsUnfinishedRequestsOfTheFullestAddressForANewOne) {
  options.connections_max = 40;
  options.request_timeout = std::chrono::seconds(300);
  const auto port = start();
  Client admitted(port, "127.0.0.2");
  admitted.send(post("/door/x", 2, "Authorization: Bearer good\r\n") + "x");
  Client lonely(port, "127.0.0.3");
  lonely.send(post("/open", 2) + "x");
  wait_for([this] { return server->connections() == 2; });
  const std::array<std::string, 4> unfinished = {post("/open", 2) + "x", "G", post("/nothing", 60'000), "GET /ok HTTP"};
  std::list<Client> many;
  for (const char* from : {"127.0.0.2", "127.0.0.4"}) {
    for (std::size_t i = 0; i < 20; ++i) many.emplace_back(port, from).send(unfinished.at(i % unfinished.size()));
  }
  for (std::size_t i = 0; i < 4; ++i) many.emplace_back(port, "127.0.0.5").send("G");  // of the last seats
  std::list<Client> served;
  for (const char* from : {"127.0.0.6", "127.0.0.7", "127.0.0.8", "127.0.0.9"}) {
    wait_for([&] {
      served.emplace_back(port, from).send(get("/hold"));
      const bool is_held = [&] {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::milliseconds(200), [this] { return !waiting.empty(); });
      }();
      if (is_held) wait_for_held().reply({});
      return is_held && served.back().status() == 200;
    });
  }
  for (Client* client : {&admitted, &lonely}) {
    client->send("x");
    EXPECT_EQ(200, client->status());
  }
}

TEST_F(HttpServerTest, EndsUnfinishedRequestsBehindAProxyForANewOne) {
  options.connections_max = 20;
  options.address_connections_max = 20;
  options.request_timeout = std::chrono::seconds(300);
  const auto port = start();
  Client admitted(port);
  admitted.send(post("/door/x", 2, "Authorization: Bearer good\r\n") + "x");
  wait_for([this] { return checks == 1; });
  std::list<Client> many;
  for (int i = 0; i < 18; ++i) many.emplace_back(port).send(post("/open", 2) + "x");  // the last seat is for others
  wait_for([this] { return server->connections() == 19; });
  wait_for([&] {
    Client client(port);
    client.send(get("/ok"));
    return client.status() == 200;
  });
  admitted.send("x");
  EXPECT_EQ(200, admitted.status());
}

TEST_F(HttpServerTest, EndsSilentNewConnectionsWhileTheyAreScarce) {
  options.threads = 1;
  options.connections_max = 4;
  options.address_connections_max = 4;
  options.first_byte_timeout = std::chrono::seconds(0);
  const auto port = start();
  Client speaks(port);
  speaks.send(get("/hold"));
  const Held held = wait_for_held();
  std::list<Client> silent;
  for (int i = 0; i < 3; ++i) silent.emplace_back(port);
  EXPECT_TRUE(silent.front().is_ended());
  silent.pop_front();
  EXPECT_TRUE(silent.front().is_ended());
  held.reply({});
  EXPECT_EQ(200, speaks.status());
  silent.back().send(get("/ok"));
  EXPECT_EQ(200, silent.back().status()) << "half of the connections are free again";
}

}  // namespace
}  // namespace packwalk
