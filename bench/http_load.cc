#include "http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "figures.h"

namespace packwalk::bench {
namespace {

constexpr std::chrono::milliseconds pause_after_refusal{5};

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the server");
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

void send_all(int socket, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) throw std::runtime_error("a connection broke while sending");
    sent += static_cast<std::size_t>(n);
  }
}

/// Bytes of the first whole answer in `input`, headers included; 0 when there is none yet.
std::size_t answer_size(std::string_view input, std::size_t& body_size) {
  const std::size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = input.substr(0, end).find(name);
  body_size = 0;
  if (at != std::string_view::npos) {
    std::from_chars(input.data() + at + name.size(), input.data() + end, body_size);
  }
  return input.size() >= end + 4 + body_size ? end + 4 + body_size : 0;
}

bool is_success(std::string_view input) { return input.size() > 9 && input[9] == '2'; }

struct Connection {
  int socket = -1;
  std::string input;
  Clock::time_point sent_at;
};

class Generator {
 public:
  Generator(std::uint16_t port, const LoadPlan& plan, const NextRequest& next) : plan_(plan), next_(next) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t i = 0; i < plan.connections; ++i) {
      auto& connection = connections_.emplace_back(std::make_unique<Connection>());
      connection->socket = connect_to(port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = connection.get();
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->socket, &event);
      idle_.push_back(connection.get());
    }
  }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator() {
    for (const auto& connection : connections_) ::close(connection->socket);
    ::close(epoll_);
  }

  LoadResult run() {
    started_ = Clock::now();
    run_until(started_ + plan_.duration / 10);
    const std::uint64_t before = result_.answered;
    result_.latencies_ms.clear();
    const auto warm = Clock::now();
    run_until(warm + plan_.duration);
    result_.requests_per_second = static_cast<double>(result_.answered - before) / seconds_since(warm);
    ended_ = true;
    while (idle_.size() < connections_.size()) receive_some();
    return std::move(result_);
  }

 private:
  void run_until(Clock::time_point end) {
    while (Clock::now() < end && !all_answered()) {
      while (!idle_.empty() && is_due()) {
        Connection* connection = idle_.back();
        idle_.pop_back();
        send_next(*connection);
      }
      receive_some();
    }
  }

  bool all_answered() const { return sent_ == plan_.requests_max && idle_.size() == connections_.size(); }

  bool is_due() const {
    if (sent_ == plan_.requests_max) return false;
    return plan_.requests_per_second <= 0 ||
           static_cast<double>(sent_) < seconds_since(started_) * plan_.requests_per_second;
  }

  void receive_some() {
    std::array<epoll_event, 256> events{};
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1);
    for (int i = 0; i < ready; ++i) receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
  }

  void receive(Connection& connection) {
    std::array<char, 65536> buffer;
    const ssize_t n = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (n <= 0) throw std::runtime_error("a connection broke while receiving");
    connection.input.append(buffer.data(), static_cast<std::size_t>(n));
    std::size_t body_size = 0;
    if (answer_size(connection.input, body_size) == 0) return;
    if (is_success(connection.input)) {
      ++result_.answered;
      if (!ended_) result_.latencies_ms.push_back(1e3 * seconds_since(connection.sent_at));
    } else {
      ++result_.failures;
      std::this_thread::sleep_for(pause_after_refusal);
    }
    connection.input.clear();
    if (!ended_ && is_due()) {
      send_next(connection);
    } else {
      idle_.push_back(&connection);
    }
  }

  void send_next(Connection& connection) {
    next_(request_);
    ++sent_;
    connection.sent_at = Clock::now();
    send_all(connection.socket, request_);
  }

  const LoadPlan& plan_;
  const NextRequest& next_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  std::string request_;
  std::uint64_t sent_ = 0;
  Clock::time_point started_;
  bool ended_ = false;
  LoadResult result_;
};

}  // namespace

LoadResult load(std::uint16_t port, const LoadPlan& plan, const NextRequest& next_request) {
  return Generator(port, plan, next_request).run();
}

BlockingClient::BlockingClient(std::uint16_t port) : socket_(connect_to(port)) {}
BlockingClient::~BlockingClient() { ::close(socket_); }

std::string BlockingClient::exchange(const std::string& request) {
  send_all(socket_, request);
  input_.clear();
  std::array<char, 65536> buffer;
  std::size_t body_size = 0;
  while (answer_size(input_, body_size) == 0) {
    const ssize_t n = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (n <= 0) throw std::runtime_error("a connection broke while receiving");
    input_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  if (!is_success(input_)) throw std::runtime_error("the server refused: " + input_);
  return input_.substr(input_.size() - body_size);
}

double metric(std::uint16_t port, const std::string& name) {
  BlockingClient client(port);
  std::istringstream lines(client.exchange(get_request("/metrics", "")));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
  }
  return 0;
}

std::string get_request(const std::string& target, const std::string& token) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
}

std::string post_request(const std::string& token, const char* content_type, const std::string& body) {
  return "POST /v1/packets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
         "\r\nContent-Type: " + content_type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace packwalk::bench
