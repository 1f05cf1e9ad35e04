// Connections whose peers are slow give way to new addresses.
#include <gtest/gtest.h>

#include <list>
#include <utility>

#include "http/byte_client.h"
#include "http/http_server_fixture.h"

namespace packwalk {
namespace {

class SlowPeers : public HttpServerTest {
 protected:
  SlowPeers() {
    options.connections_max = 40;
    options.request_timeout = options.write_timeout = std::chrono::seconds(300);
  }

  /// All seats, from two addresses that get half of them each, and from one that gets the last ones. The server may
  /// close a few that come too late.
  void take_all_seats(std::uint16_t port, const std::string& bytes) {
    for (const auto& [from, count] :
         {std::pair("127.0.0.2", 19), std::pair("127.0.0.3", 19), std::pair("127.0.0.4", 3)}) {
      for (int i = 0; i < count; ++i) slow.emplace_back(port, from).send(bytes);
    }
    wait_for([this] { return server->connections() == options.connections_max; });
  }

  /// Whether a new address is served, again and again until it is.
  void expect_served(std::uint16_t port, const char* from) {
    std::list<ByteClient> tried;
    wait_for([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      tried.emplace_back(port, from).send(get("/ok"));
      return tried.back().status() == 200;
    });
  }

  std::list<ByteClient> slow;
};

TEST_F(SlowPeers, WhoReadsNoAnswerGivesWay) {
  const auto port = start();
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += get("/file");  // more than what the kernel holds for a peer
  take_all_seats(port, requests);
  for (const char* from : {"127.0.0.6", "127.0.0.7", "127.0.0.8"}) expect_served(port, from);
}

TEST_F(SlowPeers, OneTokenProtectsAFewConnections) {
  const auto port = start();
  ByteClient other(port, "127.0.0.2");
  other.send(post("/who/known", 2, "Authorization: Bearer good8\r\n") + "x");
  wait_for([this] { return checks == 1; });
  take_all_seats(port, post("/who/known", 2, "Authorization: Bearer good\r\n") + "x");
  for (const char* from : {"127.0.0.6", "127.0.0.7", "127.0.0.8"}) expect_served(port, from);
  other.send("x");
  EXPECT_EQ(200, other.status()) << "another device, at the same address";
  std::size_t answered = 0;
  for (ByteClient& client : slow) {
    client.send("x");
    if (client.status() == 200) ++answered;
  }
  EXPECT_GE(answered, 4U) << "the protected ones";
  EXPECT_LT(answered, slow.size()) << "some gave way";
}

}  // namespace
}  // namespace packwalk
