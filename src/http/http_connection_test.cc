#include "http/http_connection.h"

#include "http/conditional.h"
#include "http/gzip.h"
#include "http/http_server_fixture.h"
#include "http/request_id.h"

namespace packwalk {
namespace {

using namespace std::string_literals;

TEST_F(HttpServerTest, RefusesARequestBeforeItsBodyComes) {
  const auto port = start();
  for (const std::string& head : {post("/door/x", body_max), post("/door/x", body_max, "Authorization: Bearer bad\r\n"),
                                  post("/nothing", body_max), post("/ok", body_max), post("/open", body_max + 1),
                                  post("/door/x", 100, "Expect: 100-continue\r\n")}) {
    ByteClient client(port);
    client.send(head);
    const int status = client.status();
    EXPECT_TRUE(status == 401 || status == 404 || status == 405 || status == 413) << head << status;
    EXPECT_TRUE(client.is_ended());
  }
  EXPECT_EQ(0U, server->body_bytes());
}

TEST_F(HttpServerTest, HandsTheDeviceOnThatAWholeRequestHasShown) {
  const std::string good = "Authorization: Bearer good\r\n";
  ByteClient client(start());
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
  ByteClient client(start());
  client.send(post("/door/x", 5, "Authorization: Bearer good\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(100, client.status());
  client.send("hello");
  EXPECT_EQ(200, client.status());
  EXPECT_EQ(1, checks);
}

TEST_F(HttpServerTest, TakesTheBodyAfterAnExpectationThatCameWithAnotherRequest) {
  ByteClient client(start());
  client.send(get("/hold") + post("/door/x", 5, "Authorization: Bearer good\r\nExpect: 100-continue\r\n") + "he");
  wait_for_held().reply({.body = "held"});
  EXPECT_EQ(200, client.status());
  EXPECT_EQ(100, client.status());
  client.send("llo" + get("/ok"));
  EXPECT_EQ(200, client.status());
  EXPECT_EQ(200, client.status());
}

TEST_F(HttpServerTest, SaysThatItKeepsAConnectionOfHttp10) {
  ByteClient client(start());
  for (int i = 0; i < 2; ++i) {
    client.send("HEAD /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(std::string::npos, client.head().find("\r\nConnection: keep-alive\r\n"));
  }
  client.send("HEAD /ok HTTP/1.0\r\n\r\n");
  EXPECT_NE(std::string::npos, client.head().find("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(HttpServerTest, KeepsAConnectionWhoseRefusedBodyIsSmall) {
  ByteClient client(start());
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
    ByteClient client(port);
    client.send(head + (status == 400 ? get("/ok") : ""));
    EXPECT_EQ(status, client.status()) << head;
    if (status == 400) {
      EXPECT_TRUE(client.is_ended()) << "and what follows is no request";
    }
  }
}

TEST_F(HttpServerTest, EndsOnlyTheConnectionInWhichSomethingWasThrown) {
  ByteClient other(start());
  other.send(get("/ok"));
  EXPECT_EQ(200, other.status());
  for (const std::string& bytes : {get("/throws/secret?token=secret", "X-Request-Id: a1\r\n"), get("/number"),
                                   post("/door/secret", 5, "Authorization: Bearer throw\r\n") + "hello"}) {
    ByteClient throws(server->port());
    throws.send(bytes);
    EXPECT_EQ(500, throws.status()) << bytes;
    EXPECT_TRUE(throws.is_ended());
  }
  other.send(get("/ok"));
  EXPECT_EQ(200, other.status());
  const std::lock_guard lock(mutex);
  ASSERT_EQ(3U, faults.size());
  EXPECT_EQ("GET /throws/{token} 127.0.0.1: the shelf broke", faults[0]);
  EXPECT_TRUE(faults[1].starts_with("GET /number 127.0.0.1: ")) << faults[1];
  EXPECT_TRUE(faults[2].starts_with("POST /door/{token} 127.0.0.1: ")) << faults[2];
  EXPECT_EQ("a1", fault_ids[0]);
  EXPECT_TRUE(is_request_id(fault_ids[1])) << fault_ids[1];
  EXPECT_TRUE(is_request_id(fault_ids[2])) << fault_ids[2];
}

TEST_F(HttpServerTest, NamesEachRequestInItsResponse) {
  ByteClient client(start());
  client.send(get("/splits", "X-Request-Id: from-a-proxy.7\r\n"));
  EXPECT_NE(std::string::npos, client.head().find("\r\nX-Request-Id: from-a-proxy.7\r\n"));
  std::vector<std::string> made;
  for (const std::string& bytes : {get("/splits"), get("/splits", "X-Request-Id: \"; drop\r\n"), "nonsense\r\n\r\n"s}) {
    client.send(bytes);
    const std::string head = client.head();
    const std::size_t at = head.find("\r\nX-Request-Id: ");
    ASSERT_NE(std::string::npos, at) << bytes;
    made.push_back(head.substr(at + 16, head.find('\r', at + 2) - at - 16));
    EXPECT_TRUE(is_request_id(made.back())) << made.back();
  }
  EXPECT_NE(made[0], made[1]);
  const std::lock_guard lock(mutex);
  EXPECT_EQ((std::vector<std::string>{"GET /splits 200 from-a-proxy.7", "GET /splits 200 " + made[0],
                                      "GET /splits 200 " + made[1], "  400 " + made[2]}),
            answered);
}

TEST_F(HttpServerTest, HandsAnyMethodToItsRoute) {
  ByteClient client(start());
  for (const std::string method : {"PUT", "PATCH", "DELETE"}) {
    client.send(method + " /thing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(200, client.status()) << method;
  }
  for (const std::string method : {"GET", "POST", "BREW"}) {
    client.send(method + " /thing HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(405, client.status()) << method;
  }
  const std::lock_guard lock(mutex);
  ASSERT_EQ(6U, answered.size());
  EXPECT_TRUE(answered[2].starts_with("DELETE /thing 200 ")) << answered[2];
}

TEST_F(HttpServerTest, PacksATextForCallersThatReadGzip) {
  const auto port = start();
  for (const std::string path : {"/text", "/file"}) {
    ByteClient client(port);
    client.send(get(path, "Accept-Encoding: gzip\r\nConnection: close\r\n"));
    const auto [text, ended] = client.everything();
    EXPECT_TRUE(ended);
    EXPECT_NE(std::string::npos, text.find("\r\nContent-Encoding: gzip\r\n")) << text.substr(0, 500);
    EXPECT_LT(text.size(), long_text().size() / 10);
    ByteClient plain(port);
    plain.send(get(path, "Connection: close\r\n"));
    EXPECT_TRUE(plain.everything().first.ends_with("\r\n\r\n" + long_text()));
  }
  wait_for([this] { return server->response_bytes() == 0; });
}

TEST_F(HttpServerTest, PacksABodyOfPieces) {
  ByteClient client(start());
  client.send(get("/stream", "Accept-Encoding: gzip\r\nConnection: close\r\n"));
  source->give(BodyPiece{std::string(100'000, 'x'), false});
  source->give(BodyPiece{"last", true});
  const auto [text, ended] = client.everything();
  EXPECT_TRUE(ended);
  std::string packed;
  for (std::size_t at = text.find("\r\n\r\n") + 4; at < text.size();) {
    std::size_t digits = 0;
    const std::size_t size = std::stoul(text.substr(at), &digits, 16);
    packed.append(text, at + digits + 2, size);
    at += digits + 2 + size + 2;
  }
  EXPECT_EQ("first " + std::string(100'000, 'x') + "last", gunzip_file(packed, body_max).value());
}

TEST_F(HttpServerTest, SendsNoBodyThatTheCallerHas) {
  ByteClient client(start());
  for (const std::string path : {"/text", "/file"}) {
    const std::string etag = weak_etag_of(long_text());
    client.send(get(path, "If-None-Match: \"x\"\r\nIf-None-Match: " + etag + "\r\n"));
    const std::string known = client.head();
    EXPECT_TRUE(known.starts_with("HTTP/1.1 304 Not Modified\r\n")) << known;
    EXPECT_NE(std::string::npos, known.find("\r\nETag: " + etag + "\r\n")) << known;
    EXPECT_EQ(std::string::npos, known.find("Content-Length")) << known;
    client.send("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string head = client.head();
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
    EXPECT_NE(std::string::npos, head.find("\r\nContent-Length: 100000\r\n")) << head;
    EXPECT_NE(std::string::npos, head.find("\r\nETag: " + etag + "\r\n")) << head;
  }
}

TEST_F(HttpServerTest, SendsAFileThatAllShareWhateverOthersTake) {
  options.responses_bytes_max = 10;
  ByteClient client(start());
  client.send(get("/text"));
  EXPECT_EQ(503, client.status());
  client.send(get("/file"));
  EXPECT_EQ(200, client.status());
}

TEST_F(HttpServerTest, LetsPagesOfAllowedOriginsReadAlsoWhatIsRefused) {
  options.allow_origins = AllowedOrigins::from_text("https://map.example").value();
  ByteClient client(start());
  client.send(
      "OPTIONS /thing HTTP/1.1\r\nHost: x\r\nOrigin: https://map.example\r\n"
      "Access-Control-Request-Method: PUT\r\n\r\n");
  const std::string preflight = client.head();
  EXPECT_TRUE(preflight.starts_with("HTTP/1.1 204 ")) << preflight;
  EXPECT_NE(std::string::npos, preflight.find("\r\nAccess-Control-Allow-Methods: PUT, PATCH, DELETE, OPTIONS\r\n"));
  EXPECT_NE(std::string::npos, preflight.find("\r\nAccess-Control-Allow-Origin: https://map.example\r\n"));
  client.send("HEAD /nothing HTTP/1.1\r\nHost: x\r\nOrigin: https://map.example\r\n\r\n");
  EXPECT_NE(std::string::npos, client.head().find("\r\nAccess-Control-Allow-Origin: https://map.example\r\n"));
  client.send("HEAD /ok HTTP/1.1\r\nHost: x\r\nOrigin: https://other.example\r\n\r\n");
  const std::string other = client.head();
  EXPECT_EQ(std::string::npos, other.find("Access-Control")) << other;
  EXPECT_NE(std::string::npos, other.find("\r\nVary: Origin\r\n")) << other;
}

TEST_F(HttpServerTest, SendsNoHeaderThatCouldEndItsLine) {
  ByteClient client(start());
  client.send(get("/splits?a=b"));
  EXPECT_EQ(200, client.status());
  client.send(get("/splits?cut"));
  EXPECT_EQ(500, client.status());
  EXPECT_TRUE(client.is_ended());
  const std::lock_guard lock(mutex);
  EXPECT_EQ(1U, faults.size());
}

TEST_F(HttpServerTest, SendsABodyPieceByPieceAsItIsMade) {
  ByteClient client(start());
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
  ByteClient client(start());
  client.send(get("/stream", "Connection: close\r\n"));
  source->give(BodyPiece{"", true});
  EXPECT_TRUE(client.everything().first.ends_with("6\r\nfirst \r\n0\r\n\r\n"));
}

TEST_F(HttpServerTest, SendsABodyOfPiecesToHttp10WithoutChunks) {
  ByteClient client(start());
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
  ByteClient client(start());
  client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto [text, ended] = client.everything();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
  EXPECT_EQ(0, source->asked());
}

TEST_F(HttpServerTest, ResetsTheConnectionWhenTheRestOfABodyCannotBeMade) {
  start();
  for (const std::string version : {"1.1", "1.0"}) {
    ByteClient client(server->port());
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
  ByteClient client(start());
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
  ByteClient client(start());
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

TEST_F(HttpServerTest, EndsALateConnectionThoughItCannotBeReported) {
  options.write_timeout = std::chrono::seconds(1);
  log_is_full = true;
  ByteClient client(start());
  client.send(get("/stream"));
  source->give(fail(Errc::overloaded, "later"));
  std::jthread overloaded([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (source->is_asked()) source->give(fail(Errc::overloaded, "later"));
      std::this_thread::yield();
    }
  });
  wait_for([this] { return server->connections() == 0; });
}

TEST_F(HttpServerTest, MakesNoMoreOfABodyWhoseCallerIsGone) {
  const auto port = start();
  {
    ByteClient client(port);
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
  ByteClient client(start());
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

TEST_F(HttpServerTest, TellsOfRequestsThatReachNoHandler) {
  const auto port = start();
  for (const std::string& bytes : {get("/nothing?x=y"), "PUT /ok HTTP/1.1\r\nHost: x\r\n\r\n"s, "HELO x\r\n\r\n"s,
                                   "\x16\x03\x01\x02\x10\x01\x02\x0c\x03\x03 and so on"s, post("/open", body_max + 1),
                                   get("/ok", "X: " + std::string(20'000, 'x') + "\r\n")}) {
    ByteClient client(port);
    client.send(bytes);
    EXPECT_NE(0, client.status());
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(
      (std::vector<std::string>{"unknown_path 127.0.0.1 /nothing", "wrong_method 127.0.0.1 /ok", "malformed 127.0.0.1 ",
                                "tls 127.0.0.1 ", "too_large 127.0.0.1 /open", "too_large 127.0.0.1 "}),
      refused);
}

TEST_F(HttpServerTest, SendsALargeResponseToASlowReaderAsLongAsHeReads) {
  options.write_timeout = std::chrono::seconds(2);
  const auto port = start();
  ByteClient slow(port);
  slow.send(get("/large"));
  EXPECT_TRUE(slow.reads_slowly(large_size, std::chrono::seconds(5)));
  ByteClient deaf(port);
  deaf.send(get("/large"));
  wait_for([this] { return server->response_bytes() > 0; });
  wait_for([this] { return server->response_bytes() == 0; });
}

TEST_F(HttpServerTest, TellsAHandlerThatItsCallerIsGone) {
  const auto port = start();
  const std::string many(20'000, 'x');
  for (const std::string& bytes :
       {get("/hold"), post("/hold", 3) + "abc", get("/hold") + "GET /", get("/hold") + many}) {
    ByteClient client(port);
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
  ByteClient client(start());
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
  ByteClient client(start());
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

}  // namespace
}  // namespace packwalk
