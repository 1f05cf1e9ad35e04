#include "http/listener.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <iterator>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/accepted_connection.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// What the connections of a test share.
struct Echoes {
  std::chrono::milliseconds line_timeout{60'000};
  std::mutex mutex;
  std::vector<std::string> faults;                       // guarded by mutex
  std::function<void(std::function<void()>)> when_held;  // who answers "hold" later
};

/// Sends each line back. "throw" breaks it, "hold" is answered when the test likes.
class LineEcho final : public AcceptedConnection {
 public:
  LineEcho(Accepted accepted, Echoes& echoes) : AcceptedConnection(std::move(accepted)), echoes_(echoes) {}

  void finish() override {
    finishing_ = true;
    if (!is_busy_) abort();
  }

 private:
  void begin() override { read(); }
  void report(std::string_view what) override {
    const std::lock_guard lock(echoes_.mutex);
    echoes_.faults.emplace_back(what);
  }
  std::shared_ptr<LineEcho> self() { return std::static_pointer_cast<LineEcho>(shared_from_this()); }

  void read() {
    set_deadline(Clock::now() + echoes_.line_timeout);
    wait_in(has_spoken() ? waiting().kept_alive : waiting().silent);
    socket().async_read_some(asio::buffer(bytes_), [self = self()](error_code error, std::size_t size) {
      self->guard([&] { self->received(error, size); });
    });
  }

  void received(error_code error, std::size_t size) {
    if (error || is_closed()) return abort();
    wait_no_more();
    note_spoken();
    line_.append(bytes_.data(), size);
    if (!line_.ends_with('\n')) return read();
    if (line_ == "throw\n") throw std::runtime_error("the line broke");
    is_busy_ = true;
    if (line_ != "hold\n") return answer();
    set_deadline(Clock::time_point::max());
    echoes_.when_held([self = self()] { self->run([self = self.get()] { self->answer(); }); });
  }

  void answer() {
    asio::async_write(socket(), asio::buffer(line_), [self = self()](error_code error, std::size_t) {
      self->guard([&] {
        self->is_busy_ = false;
        self->line_.clear();
        return error || self->finishing_ ? self->abort() : self->read();
      });
    });
  }

  Echoes& echoes_;
  std::array<char, 256> bytes_{};
  std::string line_;
  bool is_busy_ = false;
  bool finishing_ = false;
};

class Caller {
 public:
  explicit Caller(std::uint16_t port, const char* from = "127.0.0.1") : socket_(context_) {
    socket_.open(tcp::v4());
    socket_.bind({asio::ip::make_address(from), 0});
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }
  void say(const std::string& text) {
    error_code ignored;  // the server may have ended it
    asio::write(socket_, asio::buffer(text), ignored);
  }
  /// The next line; what came before the end if there is none.
  std::string hear() {
    std::string heard;
    std::array<char, 1> byte{};
    error_code error;
    while (!heard.ends_with('\n') && socket_.read_some(asio::buffer(byte), error) > 0) heard.push_back(byte[0]);
    return heard;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_;
};

class ListenerTest : public testing::Test {
 protected:
  ~ListenerTest() override {
    listener.reset();  // its threads use what follows
  }

  std::uint16_t start() {
    echoes.when_held = [this](std::function<void()> answer) {
      const std::lock_guard lock(echoes.mutex);
      held.push_back(std::move(answer));
    };
    listener.emplace(options, ListenerParts{.make = [this](Accepted accepted) -> std::unique_ptr<AcceptedConnection> {
                                              if (is_scarce) throw std::bad_alloc();
                                              return std::make_unique<LineEcho>(std::move(accepted), echoes);
                                            },
                                            .report =
                                                [this](std::string_view what) {
                                                  const std::lock_guard lock(echoes.mutex);
                                                  echoes.faults.emplace_back(what);
                                                },
                                            .each_sweep = [this] { ++sweeps; }});
    EXPECT_TRUE(listener->start());
    return listener->port();
  }

  /// Connections that have had an answer.
  static void add_idle(std::list<Caller>& idle, std::uint16_t port, const char* from, int count) {
    for (int i = 0; i < count; ++i) {
      idle.emplace_back(port, from).say("woof\n");
      EXPECT_EQ("woof\n", idle.back().hear());
    }
  }

  std::size_t count(const auto& list) {
    const std::lock_guard lock(echoes.mutex);
    return list.size();
  }

  static void wait_for(const std::function<bool()>& is_so) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!is_so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until);
      std::this_thread::yield();
    }
  }

  ListenerOptions options{.threads = 2};
  Echoes echoes;
  std::vector<std::function<void()>> held;  // guarded by the mutex of echoes
  std::atomic<bool> is_scarce = false;
  std::atomic<int> sweeps = 0;
  std::optional<Listener> listener;
};

TEST_F(ListenerTest, ServesAProtocolThatIsNoHttpOnAllThreads) {
  const auto port = start();
  std::list<Caller> callers;
  for (int i = 0; i < 8; ++i) callers.emplace_back(port);
  for (int round = 0; round < 3; ++round) {
    for (Caller& caller : callers) caller.say("wo");
    for (Caller& caller : callers) caller.say("of\n");
    for (Caller& caller : callers) EXPECT_EQ("woof\n", caller.hear());
  }
  EXPECT_EQ(8U, listener->connections());
}

TEST_F(ListenerTest, EndsAConnectionThatIsSlowerThanItsDeadline) {
  echoes.line_timeout = std::chrono::milliseconds(1);
  Caller caller(start());
  EXPECT_EQ("", caller.hear());
  wait_for([this] { return listener->connections() == 0; });
  EXPECT_LE(1, sweeps.load());
}

TEST_F(ListenerTest, EndsOnlyTheConnectionThatThrows) {
  const auto port = start();
  Caller other(port);
  Caller throws(port);
  throws.say("throw\n");
  EXPECT_EQ("", throws.hear());
  other.say("woof\n");
  EXPECT_EQ("woof\n", other.hear());
  const std::lock_guard lock(echoes.mutex);
  EXPECT_EQ(std::vector<std::string>{"the line broke"}, echoes.faults);
}

TEST_F(ListenerTest, TakesAnotherConnectionAfterOneThatCouldNotBeMade) {
  const auto port = start();
  is_scarce = true;
  Caller first(port);
  EXPECT_EQ("", first.hear());
  wait_for([this] { return count(echoes.faults) == 1; });
  is_scarce = false;
  Caller second(port);
  second.say("woof\n");
  EXPECT_EQ("woof\n", second.hear());
}

TEST_F(ListenerTest, AnswersWhatIsUnderWayBeforeItStops) {
  const auto port = start();
  Caller idle(port);
  Caller busy(port);
  busy.say("hold\n");
  wait_for([this] { return count(held) == 1; });
  std::thread stopper([this] { listener->stop(std::chrono::seconds(60)); });
  EXPECT_EQ("", idle.hear()) << "nothing is under way there";
  std::exchange(held[0], nullptr)();
  EXPECT_EQ("hold\n", busy.hear());
  EXPECT_EQ("", busy.hear());
  stopper.join();
  EXPECT_EQ(0U, listener->connections());
}

TEST_F(ListenerTest, WaitsForNobodyAfterTheGrace) {
  const auto port = start();
  Caller busy(port);
  busy.say("hold\n");
  wait_for([this] { return count(held) == 1; });
  listener->stop(std::chrono::seconds(0));
  EXPECT_EQ("", busy.hear());
  held.clear();
  EXPECT_EQ(0U, listener->connections());
}

TEST_F(ListenerTest, EndsTheLongestIdleConnectionForANewOne) {
  options.connections_max = 4;
  options.address_connections_max = 4;
  const auto port = start();
  std::list<Caller> idle;
  for (int i = 0; i < 4; ++i) {
    idle.emplace_back(port).say("woof\n");
    EXPECT_EQ("woof\n", idle.back().hear());
  }
  Caller fifth(port);
  fifth.say("woof\n");
  EXPECT_EQ("woof\n", fifth.hear());
  EXPECT_EQ("", idle.front().hear());
  idle.back().say("woof\n");
  EXPECT_EQ("woof\n", idle.back().hear());
}

TEST_F(ListenerTest, EndsAnIdleConnectionOfTheFullestAddressForANewOne) {
  options.connections_max = 20;
  const auto port = start();
  std::list<Caller> idle;
  const auto fill = [&](const char* from, int count) { add_idle(idle, port, from, count); };
  fill("127.0.0.5", 2);
  fill("127.0.0.2", 10);
  fill("127.0.0.3", 7);
  fill("127.0.0.7", 1);
  Caller& first_of_fullest = *std::next(idle.begin(), 2);
  fill("127.0.0.6", 1);
  idle.front().say("woof\n");
  EXPECT_EQ("woof\n", idle.front().hear()) << "its address has few, though it has been idle longest";
  EXPECT_EQ("", first_of_fullest.hear());
}

TEST_F(ListenerTest, FindsRoomWhereTheLongestIdleConnectionIsOfAnAddressWithFew) {
  options.connections_max = 20;
  const auto port = start();
  std::list<Caller> idle;
  const auto fill = [&](const char* from, int count) { add_idle(idle, port, from, count); };
  fill("127.0.0.5", 1);
  fill("127.0.0.2", 10);
  fill("127.0.0.3", 9);
}

TEST_F(ListenerTest, ServesOthersWhenOneAddressTakesAllItCan) {
  options.connections_max = 20;
  const auto port = start();
  std::list<Caller> many;
  for (int i = 0; i < 20; ++i) many.emplace_back(port, "127.0.0.2").say("woof");
  Caller other(port, "127.0.0.3");
  other.say("woof\n");
  EXPECT_EQ("woof\n", other.hear());
}

TEST_F(ListenerTest, SaysWhyItCannotListen) {
  options.host = "nowhere";
  Listener nowhere(options, {.make = [](Accepted) -> std::unique_ptr<AcceptedConnection> { return nullptr; }});
  EXPECT_EQ(Errc::invalid_input, nowhere.start().error().code);
  options.host = "127.0.0.1";
  options.port = start();
  Listener second(options, {.make = [](Accepted) -> std::unique_ptr<AcceptedConnection> { return nullptr; }});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(Errc::unavailable, started.error().code);
  EXPECT_TRUE(started.error().detail.starts_with("cannot listen on 127.0.0.1:")) << started.error().detail;
}

}  // namespace
}  // namespace packwalk
