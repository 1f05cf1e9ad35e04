#include "http/server.h"

#include <array>

#include "http/http_server_fixture.h"

namespace packwalk {
namespace {

using namespace std::string_literals;

TEST_F(HttpServerTest, BoundsTheMemoryOfAllBodiesOfPieces) {
  options.responses_bytes_max = 2 * BodySource::piece_bytes_max;
  const auto port = start();
  ByteClient first(port, "127.0.0.2");
  first.send(get("/stream"));
  wait_for([this] { return source->asked() == 1; });
  EXPECT_EQ(BodySource::piece_bytes_max, server->response_bytes());
  ByteClient second(port, "127.0.0.2");
  second.send(get("/stream"));
  EXPECT_EQ(503, second.status()) << "one address gets half of it";
  source->give(BodyPiece{"", true});
  wait_for([this] { return server->response_bytes() == 0; });
}

TEST_F(HttpServerTest, WaitsUntilThereIsRoomForALargePieceOfABody) {
  constexpr std::size_t piece = BodySource::piece_bytes_max;
  options.responses_bytes_max = large_size + 3 * piece / 2;
  const auto port = start();
  auto deaf = std::make_optional<ByteClient>(port, "127.0.0.2");
  deaf->send(get("/large"));
  wait_for([this] { return server->response_bytes() >= large_size; });
  ByteClient client(port, "127.0.0.3");
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
  ByteClient client(start());
  client.send(get("/stream", "Connection: close\r\n"));
  source->give(BodyPiece{std::string(2 * BodySource::piece_bytes_max, 'x'), true});
  EXPECT_TRUE(client.everything().second);
}

TEST_F(HttpServerTest, BoundsTheBytesOfAllBodiesTogether) {
  options.bodies_bytes_max = 4 * body_max;
  const auto port = start();
  std::list<ByteClient> slow;
  const auto send_but_one = [&](const char* from) {
    slow.emplace_back(port, from).send(post("/open", body_max) + std::string(body_max - 1, 'x'));
  };
  for (int i = 0; i < 2; ++i) send_but_one("127.0.0.2");
  wait_for([this] { return server->body_bytes() == 2 * body_max; });
  ByteClient same(port, "127.0.0.2");
  same.send(post("/open", body_max) + std::string(body_max, 'x'));
  EXPECT_EQ(503, same.status()) << "one address gets half of it";
  send_but_one("127.0.0.3");
  wait_for([this] { return server->body_bytes() == 3 * body_max; });
  ByteClient late(port);
  late.send(post("/open", body_max) + std::string(body_max, 'x'));
  EXPECT_EQ(503, late.status()) << "the last quarter is for small ones";
  ByteClient small(port);
  small.send(post("/open", 100) + std::string(100, 'x'));
  EXPECT_EQ(200, small.status()) << "a small body needs no share";
  for (ByteClient& client : slow) {
    client.send("x");
    EXPECT_EQ(200, client.status());
  }
  wait_for([this] { return server->body_bytes() == 0; });
}

TEST_F(HttpServerTest, GivesOneDeviceNoMoreThanOneRequestFromAnyNumberOfAddresses) {
  options.bodies_bytes_max = 4 * body_max;
  const auto port = start();
  const std::string good = "Authorization: Bearer good\r\n";
  ByteClient slow(port, "127.0.0.2");
  slow.send(post("/who/known", body_max, good) + std::string(body_max - 1, 'x'));
  wait_for([this] { return server->body_bytes() == body_max; });
  ByteClient again(port, "127.0.0.3");
  again.send(post("/who/known", body_max, good) + std::string(body_max, 'x'));
  EXPECT_EQ(503, again.status());
  ByteClient other(port, "127.0.0.3");
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
  std::list<ByteClient> slow;
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
  ByteClient other(port, "127.0.0.4");
  other.send(post("/who/known", small.size(), good) + small);
  EXPECT_EQ(200, other.status());
  ByteClient same_address(port, "127.0.0.2");
  same_address.send(post("/who/known", small.size(), good) + small);
  EXPECT_EQ(200, same_address.status()) << "also from their address";
  ByteClient in_chunks(port, "127.0.0.2");
  in_chunks.send("POST /who/known HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + good + "\r\n10000\r\n" +
                 small + "\r\n0\r\n\r\n");
  EXPECT_EQ(200, in_chunks.status());
  ByteClient large(port, "127.0.0.4");
  large.send(post("/who/known", body_max, good) + std::string(body_max, 'x'));
  EXPECT_EQ(503, large.status());
}

TEST_F(HttpServerTest, HasRoomForSmallBodiesOfDevicesBehindAProxyThatStrangersUseToo) {
  options.bodies_bytes_max = 4 * body_max;
  options.address_connections_max = options.connections_max;
  const auto port = start();
  std::list<ByteClient> strangers;
  for (std::size_t i = 1; i <= 3; ++i) {
    strangers.emplace_back(port).send(post("/open", body_max) + std::string(body_max - 1, 'x'));
    wait_for([&] { return server->body_bytes() == i * body_max; });
  }
  const std::string small(64UL * 1024, 'x');
  ByteClient stranger(port);
  stranger.send(post("/open", small.size()) + small);
  EXPECT_EQ(503, stranger.status());
  ByteClient device(port);
  device.send(post("/who/known", small.size(), "Authorization: Bearer good\r\n") + small);
  EXPECT_EQ(200, device.status());
}

TEST_F(HttpServerTest, HasRoomForSmallBodiesOfDevicesWhateverStrangersHoldFromAnyNumberOfAddresses) {
  options.bodies_bytes_max = 4 * body_max;
  const auto port = start();
  const std::string small(64UL * 1024, 'x');
  std::list<ByteClient> strangers;
  const auto next_address = [&] { return "127.0.1." + std::to_string(1 + strangers.size()); };
  for (std::size_t held = 0; held + small.size() <= 3 * body_max; held = server->body_bytes()) {
    strangers.emplace_back(port, next_address().c_str()).send(post("/open", small.size()) + small.substr(1));
    wait_for([&] { return server->body_bytes() >= held + small.size() - 1; });
  }
  ByteClient stranger(port, next_address().c_str());
  stranger.send(post("/open", small.size()) + small);
  EXPECT_EQ(503, stranger.status());
  ByteClient device(port);
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
    ByteClient client(port);
    client.send(bytes);
    wait_for([&] { return server->body_bytes() > 15'000; });
    client.close();
    if (bytes.starts_with("GET /hold")) wait_for_held().reply({});
    wait_for([&] { return server->body_bytes() == 0; });
  }
  ByteClient kept(port);
  for (const std::string path : {"/ok?", "/nothing?"}) {
    kept.send(get(path + query));
    EXPECT_NE(0, kept.status());
    wait_for([&] { return server->body_bytes() == 0; });
  }
}

TEST_F(HttpServerTest, RefusesARequestWhoseHeadAloneIsTooMuch) {
  options.bodies_bytes_max = 0;  // one request of the greatest size: a body and four heads
  const auto port = start();
  ByteClient body(port, "127.0.0.2");
  body.send(post("/open", body_max) + std::string(body_max - 1, 'x'));
  wait_for([this] { return server->body_bytes() == body_max; });
  const std::string head = post("/open?" + std::string(15'700, 'q'), 4000);
  std::list<ByteClient> heads;
  for (std::size_t count = 1; count <= 3; ++count) {
    heads.emplace_back(port).send(head);
    wait_for([&] { return server->body_bytes() >= body_max + count * 15'700; });
  }
  ByteClient more(port);
  more.send(post("/open?" + std::string(15'700, 'q'), 4000) + std::string(3990, 'x'));
  EXPECT_EQ(503, more.status());
}

TEST_F(HttpServerTest, CountsWhatWaitsBehindAResponseThatNobodyReads) {
  const auto port = start();
  ByteClient deaf(port);
  deaf.send("GET /large HTTP/1.1\r\nHost: x\r\nX: " + std::string(9'000, 'x'));
  wait_for([this] { return server->body_bytes() == 3 * 4'096; });
  deaf.send("\r\n\r\n" + std::string(6'000, 'x'));
  wait_for([this] { return server->response_bytes() > 0; });
  EXPECT_EQ(3U * 4'096, server->body_bytes());
}

TEST_F(HttpServerTest, BoundsTheBytesOfResponsesThatNobodyReads) {
  options.responses_bytes_max = 2 * large_size + 1000;
  const auto port = start();
  std::list<ByteClient> deaf;
  for (const char* address : {"127.0.0.2", "127.0.0.3"}) deaf.emplace_back(port, address).send(get("/large"));
  wait_for([this] { return server->response_bytes() >= 2 * large_size; });
  ByteClient client(port);
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
  std::list<ByteClient> deaf;
  for (int i = 0; i < 2; ++i) deaf.emplace_back(port, "127.0.0.2").send(get("/large"));
  wait_for([this] { return server->response_bytes() >= 2 * large_size; });
  ByteClient same(port, "127.0.0.2");
  same.send(get("/large"));
  EXPECT_EQ(503, same.status());
  ByteClient other(port);
  other.send(get("/large"));
  EXPECT_EQ(200, other.status());
}

TEST_F(HttpServerTest, SendsOneResponseToAnAddressThoughItIsLargerThanTheShare) {
  options.responses_bytes_max = large_size + 1000;
  ByteClient client(start());
  client.send(get("/large"));
  EXPECT_EQ(200, client.status());
}

TEST_F(HttpServerTest, GivesAProxyAllBytesOfResponses) {
  options.responses_bytes_max = 2 * large_size + 1000;
  options.address_connections_max = options.connections_max;
  const auto port = start();
  std::list<ByteClient> deaf;
  for (int i = 0; i < 2; ++i) deaf.emplace_back(port, "127.0.0.2").send(get("/large"));
  wait_for([this] { return server->response_bytes() >= 2 * large_size; });
}

TEST_F(HttpServerTest, ServesOthersWhenOneAddressTakesAllItCan) {
  options.connections_max = 20;
  const auto port = start();
  std::list<ByteClient> many;
  for (int i = 0; i < 20; ++i) many.emplace_back(port, "127.0.0.2");
  ByteClient more(port, "127.0.0.2");
  EXPECT_TRUE(more.is_ended());
  ByteClient other(port, "127.0.0.3");
  other.send(get("/ok"));
  EXPECT_EQ(200, other.status());
}

TEST_F(HttpServerTest, EndsTheLongestIdleConnectionForANewOne) {
  options.connections_max = 4;
  options.address_connections_max = 4;
  const auto port = start();
  std::list<ByteClient> idle;
  for (int i = 0; i < 4; ++i) {
    ByteClient& client = idle.emplace_back(port);
    client.send(get("/ok"));
    EXPECT_EQ(200, client.status());
  }
  ByteClient fifth(port);
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
  ByteClient admitted(port, "127.0.0.2");
  admitted.send(post("/door/x", 2, "Authorization: Bearer good\r\n") + "x");
  const std::array<std::string, 4> unfinished = {post("/open", 2) + "x", "G", post("/nothing", 60'000), "GET /ok HTTP"};
  std::list<ByteClient> many;
  const auto fill = [&](const char* from) {
    for (std::size_t i = 0; i < 20; ++i) many.emplace_back(port, from).send(unfinished.at(i % unfinished.size()));
  };
  fill("127.0.0.2");
  wait_for([this] { return server->connections() == 20; });
  ByteClient lonely(port, "127.0.0.3");  // older than some, but its address has no other
  lonely.send(post("/open", 2) + "x");
  wait_for([this] { return server->connections() == 21; });
  fill("127.0.0.4");
  for (std::size_t i = 0; i < 4; ++i) many.emplace_back(port, "127.0.0.5").send("G");  // of the last seats
  std::list<ByteClient> served;
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
  for (ByteClient* client : {&admitted, &lonely}) {
    client->send("x");
    EXPECT_EQ(200, client->status());
  }
}

TEST_F(HttpServerTest, EndsUnfinishedRequestsBehindAProxyForANewOne) {
  options.connections_max = 20;
  options.address_connections_max = 20;
  options.request_timeout = std::chrono::seconds(300);
  const auto port = start();
  ByteClient admitted(port);
  admitted.send(post("/door/x", 2, "Authorization: Bearer good\r\n") + "x");
  wait_for([this] { return checks == 1; });
  std::list<ByteClient> many;
  for (int i = 0; i < 18; ++i) many.emplace_back(port).send(post("/open", 2) + "x");  // the last seat is for others
  wait_for([this] { return server->connections() == 19; });
  wait_for([&] {
    ByteClient client(port);
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
  ByteClient speaks(port);
  speaks.send(get("/hold"));
  const Held held = wait_for_held();
  std::list<ByteClient> silent;
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
