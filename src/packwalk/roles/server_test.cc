#include "packwalk/roles/server.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <utility>

#include "http/accepted_connection.h"
#include "packwalk/roles/roles_test.h"

namespace packwalk {
namespace {

/// Writes down what is done with it.
class ToldRole final : public Role {
 public:
  using Story = std::vector<std::string>;

  ToldRole(std::string name, Story& story) : name_(std::move(name)), story_(story) {}
  ToldRole(const ToldRole&) = delete;
  ToldRole& operator=(const ToldRole&) = delete;
  ~ToldRole() override { tell("ends"); }

  std::vector<Route> routes() override {
    const auto handler = [this](const Request&, const Reply& reply) {
      reply({.content_type = "text/plain", .body = name_ + " answers\n"});
    };
    return {{{Method::get}, pattern, handler}};
  }
  std::vector<OwnListener> own_listeners() override { return listeners(); }
  Result<void> catch_up() override { return caught_up; }
  Result<void> start() override {
    tell("starts");
    while_starting();
    return started;
  }
  void refuse() override {
    tell("refuses");
    while_refusing();
  }
  void drain() override { tell("drains"); }
  Readiness trouble() const override { return lacking; }
  void measure(Metrics::Levels& levels) const override { levels.positions += 7; }

  std::string_view pattern = "/first";
  std::function<std::vector<OwnListener>()> listeners = [] { return std::vector<OwnListener>(); };
  Result<void> caught_up;
  Result<void> started;
  Readiness lacking;
  std::function<void()> while_starting = [] {};
  std::function<void()> while_refusing = [] {};

 private:
  void tell(const std::string& what) { story_.push_back(name_ + " " + what); }

  const std::string name_;
  Story& story_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    http_.port = 0;
    http_.threads = 1;
    ops_.port = 0;
    second_->pattern = "/second";
  }

  Server& make(SharedPorts ports = ports_in_memory()) {
    shared_.emplace(http_, "serve", std::move(ports));
    std::vector<std::unique_ptr<Role>> roles;
    roles.push_back(std::move(owned_first_));
    roles.push_back(std::move(owned_second_));
    return server_.emplace(http_, ops_, *shared_, std::move(roles));
  }

  HttpSection http_;
  OpsSection ops_;
  ToldRole::Story story_;
  std::unique_ptr<ToldRole> owned_first_ = std::make_unique<ToldRole>("first", story_);
  std::unique_ptr<ToldRole> owned_second_ = std::make_unique<ToldRole>("second", story_);
  ToldRole* const first_ = owned_first_.get();
  ToldRole* const second_ = owned_second_.get();
  std::optional<Shared> shared_;
  std::optional<Server> server_;
};

TEST_F(ServerTest, StartsInOrderThenAllRefuseAndDrainInReverse) {
  Server& server = make();
  ASSERT_TRUE(server.start());
  server.stop();
  EXPECT_EQ((ToldRole::Story{"first starts", "second starts", "first refuses", "second refuses", "second drains",
                             "first drains", "second ends", "first ends"}),
            story_);
  server.stop();
  EXPECT_EQ(8U, story_.size());
}

TEST_F(ServerTest, LeavesNothingRunningWhenARoleFailsToStart) {
  Server& server = make();
  std::uint16_t port = 0;
  second_->while_starting = [&] { port = server.port(); };
  second_->started = fail(Errc::invalid_input, "no such broker");
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_EQ("no such broker", started.error().detail);
  EXPECT_EQ(
      (ToldRole::Story{"first starts", "second starts", "first refuses", "first drains", "second ends", "first ends"}),
      story_);
  EXPECT_EQ("", answer_of(port, "/healthz"));
}

TEST_F(ServerTest, ServesTheRoutesOfAllRolesAndListensNoMoreWhenTheyRefuse) {
  Server& server = make();
  std::string last_answer = "none";
  ASSERT_TRUE(server.start());
  const std::uint16_t port = server.port();
  first_->while_refusing = [&] { last_answer = answer_of(port, "/first"); };
  EXPECT_NE(std::string::npos, answer_of(port, "/first").find("first answers"));
  EXPECT_NE(std::string::npos, answer_of(port, "/second").find("second answers"));
  server.stop();
  EXPECT_EQ("", last_answer);
}

TEST_F(ServerTest, OpensTheListenersOfRoles) {
  const auto handler = [](const Request&, const Reply& reply) { reply({.content_type = "text/plain", .body = "own"}); };
  Server& server = make();
  first_->listeners = [&] {  // at another address of this machine that port is free too
    const ServerOptions options{.host = "127.0.0.2", .port = server.port(), .threads = 1};
    return std::vector<OwnListener>{{"own.listen", OwnRoutes{options, {{{Method::get}, "/own", handler}}}}};
  };
  ASSERT_TRUE(server.start());
  EXPECT_NE(std::string::npos, answer_of(server.port(), "/own", "127.0.0.2").find("own"));
  EXPECT_NE(std::string::npos, answer_of(server.port(), "/own").find(" 404 "));
}

/// A protocol that is not HTTP: sends back what comes.
class Echo final : public AcceptedConnection {
 public:
  using AcceptedConnection::AcceptedConnection;
  void finish() override { abort(); }

 private:
  void begin() override {
    socket().async_read_some(boost::asio::buffer(bytes_), [self = shared_from_this(), this](auto error, auto size) {
      guard([&] { error ? abort() : send_back(size); });
    });
  }
  void report(std::string_view what) override { ADD_FAILURE() << what; }
  void send_back(std::size_t size) {
    const auto bytes = boost::asio::buffer(bytes_, size);
    boost::asio::async_write(socket(), bytes, [self = shared_from_this(), this](auto error, auto) {
      guard([&] { error ? abort() : begin(); });
    });
  }

  std::array<char, 256> bytes_{};
};

TEST_F(ServerTest, OpensMeasuresAndStopsAListenerOfAnotherProtocol) {
  Server& server = make();
  first_->listeners = [&] {
    const ListenerOptions options{.host = "127.0.0.2", .port = server.port()};
    const auto make_echo = [](Accepted accepted) { return std::make_unique<Echo>(std::move(accepted)); };
    return std::vector<OwnListener>{{"tracker.listen", OwnProtocol{options, make_echo}}};
  };
  ASSERT_TRUE(server.start());
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket caller(context);
  caller.connect({boost::asio::ip::make_address("127.0.0.2"), server.port()});
  boost::asio::write(caller, boost::asio::buffer(std::string("woof")));
  std::string answer(4, ' ');
  boost::asio::read(caller, boost::asio::buffer(answer));
  EXPECT_EQ("woof", answer);
  const std::string metrics = answer_of(server.ops_port(), "/metrics");
  EXPECT_NE(std::string::npos, metrics.find("\npackwalk_connections{listener=\"tracker.listen\"} 1\n")) << metrics;
  server.stop();
  boost::system::error_code ended;
  EXPECT_EQ(0U, boost::asio::read(caller, boost::asio::buffer(answer), ended));
  EXPECT_EQ(boost::asio::error::eof, ended);
}

TEST_F(ServerTest, FailsWhenAnOwnListenerCannotOpen) {
  Server& server = make();
  first_->listeners = [&] {
    const ListenerOptions options{.port = server.port()};
    return std::vector<OwnListener>{{"tracker.listen", OwnProtocol{options, {}}}};
  };
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(Errc::unavailable, started.error().code);
}

TEST_F(ServerTest, IsNotReadyWhileARoleHasTroubleAndSaysWhyToOperatorsOnly) {
  first_->lacking = {Lack::queue, "rex@broker is full"};
  Server& server = make();
  ASSERT_TRUE(server.start());
  const std::string for_all = answer_of(server.port(), "/readyz");
  EXPECT_NE(std::string::npos, for_all.find(" 503 "));
  EXPECT_NE(std::string::npos, for_all.find("not ready: queue\""));
  EXPECT_EQ(std::string::npos, for_all.find("rex"));
  EXPECT_NE(std::string::npos, answer_of(server.ops_port(), "/readyz").find("not ready: queue: rex@broker is full"));
}

TEST_F(ServerTest, NamesTheTroubleOfTheRoleThatStartedLast) {
  first_->lacking = {Lack::queue, "the queue is full"};
  second_->lacking = {Lack::store, "a batch is being committed"};
  Server& server = make();
  ASSERT_TRUE(server.start());
  EXPECT_NE(std::string::npos, answer_of(server.ops_port(), "/readyz").find("not ready: store: a batch is being"));
}

TEST_F(ServerTest, MeasuresAllRoles) {
  Server& server = make();
  ASSERT_TRUE(server.start());
  EXPECT_NE(std::string::npos, answer_of(server.ops_port(), "/metrics").find("\npackwalk_positions 14\n"));
}

TEST_F(ServerTest, WaitsForAStoreThatIsNotThereYet) {
  Server& server = make(ports_in_memory(fail(Errc::unavailable, "no connection")));
  ASSERT_TRUE(server.start());
  EXPECT_NE(std::string::npos, answer_of(server.ops_port(), "/readyz").find("not ready: store: no connection"));
}

TEST_F(ServerTest, StartsNoRoleWhenTheStoreIsBroken) {
  Server& server = make(ports_in_memory(fail(Errc::broken, "newer schema")));
  EXPECT_FALSE(server.start());
  EXPECT_EQ((ToldRole::Story{"second ends", "first ends"}), story_);
}

TEST_F(ServerTest, IsNotReadyWhileARoleIsBehind) {
  second_->caught_up = fail(Errc::unavailable, "no positions");
  Server& server = make();
  ASSERT_TRUE(server.start());
  EXPECT_NE(std::string::npos, answer_of(server.ops_port(), "/readyz").find("not ready: store: no positions"));
}

TEST_F(ServerTest, TakesAFreePortForOperatorsUnlessOneWasChosen) {
  HttpServer taken({.port = 0, .threads = 1}, {});
  ASSERT_TRUE(taken.start());
  ops_.port = taken.port();
  Server& server = make();
  ASSERT_TRUE(server.start());
  EXPECT_NE(taken.port(), server.ops_port());
}

TEST_F(ServerTest, FailsWhenTheChosenPortForOperatorsIsTaken) {
  HttpServer taken({.port = 0, .threads = 1}, {});
  ASSERT_TRUE(taken.start());
  ops_.port = taken.port();
  ops_.is_chosen = true;
  Server& server = make();
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(Errc::unavailable, started.error().code);
  EXPECT_EQ((ToldRole::Story{"second ends", "first ends"}), story_);
}

}  // namespace
}  // namespace packwalk
