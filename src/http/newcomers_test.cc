#include "http/newcomers.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <utility>

namespace packwalk {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// Waits for its peer, as between two requests.
class Idle final : public AcceptedConnection {
 public:
  using AcceptedConnection::AcceptedConnection;
  void finish() override { abort(); }

 private:
  void begin() override {
    wait_in(waiting().kept_alive);
    socket().async_wait(tcp::socket::wait_read,
                        [self = shared_from_this()](boost::system::error_code) { self->abort(); });
  }
  void report(std::string_view) override {}
};

/// One seat, and one worker whose loop the test runs.
class NewcomersTest : public testing::Test {
 protected:
  NewcomersTest() {
    workers.push_back(std::make_unique<Worker>(parts));
    acceptor.emplace(workers.front()->context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  }

  /// The other end of a new connection.
  tcp::socket connect(Newcomers::Clock::time_point now = Newcomers::Clock::now()) {
    tcp::socket client(clients);
    client.connect(acceptor->local_endpoint());
    newcomers.admit(*workers.front(), acceptor->accept(workers.front()->context()), now);
    return client;
  }
  void run() { workers.front()->context().poll(); }
  static bool is_ended(tcp::socket& client) {
    client.non_blocking(true);
    std::array<char, 1> byte{};
    boost::system::error_code error;
    client.read_some(asio::buffer(byte), error);
    return error == asio::error::eof || error == asio::error::connection_reset;
  }

  asio::io_context clients;
  ConnectionSeats seats{{.connections_max = 1, .address_connections_max = 1}};
  const WorkerParts parts{.make = [](Accepted accepted) { return std::make_unique<Idle>(std::move(accepted)); },
                          .report = [](std::string_view) {},
                          .seats = seats,
                          .first_byte_timeout = std::chrono::seconds(60)};
  Workers workers;
  Newcomers newcomers{seats, workers, 1};
  std::optional<tcp::acceptor> acceptor;
};

TEST_F(NewcomersTest, TakeTheSeatOfAnIdleConnection) {
  tcp::socket idle = connect();
  run();
  tcp::socket second = connect();
  EXPECT_FALSE(is_ended(idle));
  run();
  EXPECT_TRUE(is_ended(idle));
  EXPECT_FALSE(is_ended(second));
  EXPECT_EQ(1U, workers.front()->connections());
  newcomers.clear();
}

TEST_F(NewcomersTest, WaitForNoAnswerThatNeverComes) {
  tcp::socket idle = connect();
  run();
  tcp::socket waits = connect();
  tcp::socket refused = connect();
  EXPECT_TRUE(is_ended(refused)) << "only one may wait";
  EXPECT_FALSE(is_ended(waits));
  tcp::socket later = connect(Newcomers::Clock::now() + std::chrono::seconds(11));
  EXPECT_TRUE(is_ended(waits)) << "as if its worker had no memory to answer";
  run();
  EXPECT_FALSE(is_ended(later)) << "the late answer to the other does not harm it";
  EXPECT_EQ(1U, workers.front()->connections());
}

}  // namespace
}  // namespace packwalk
