// A client for tests that writes raw bytes and reads all responses.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace packwalk {

/// Blocks. One thread.
class ByteClient {
  using error_code = boost::system::error_code;
  using tcp = boost::asio::ip::tcp;

 public:
  explicit ByteClient(std::uint16_t port, const char* from = "127.0.0.1") : socket_(context_) {
    socket_.open(tcp::v4());
    socket_.bind({boost::asio::ip::make_address(from), 0});
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  }

  void send(std::string_view bytes) {
    error_code ignored;  // the server may have closed it
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  }
  void end_sending() { socket_.shutdown(tcp::socket::shutdown_send); }
  void close() { socket_.close(); }

  /// Reads the next response and returns its status; 0 if the connection ends earlier.
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
  /// All bytes until the connection ends, and whether it ended without a reset.
  std::pair<std::string, bool> everything() {
    error_code error;
    char bytes[4096];
    while (true) {
      const std::size_t size = socket_.read_some(boost::asio::buffer(bytes), error);
      received_.append(bytes, size);
      if (error) return {std::exchange(received_, {}), error == boost::asio::error::eof};
    }
  }
  /// Reads a response of `size` bytes at an even rate within the time. Returns whether all of it came.
  bool reads_slowly(std::size_t size, std::chrono::milliseconds time) {
    const auto began = std::chrono::steady_clock::now();
    while (received_.size() < size) {
      std::this_thread::sleep_until(began + time * received_.size() / size);
      if (!receive()) return false;
    }
    return true;
  }
  /// The head of the next response that has no body.
  std::string head() {
    while (received_.find("\r\n\r\n") == std::string::npos) {
      if (!receive()) break;
    }
    const std::size_t end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return std::exchange(received_, {});
    const std::string head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    return head;
  }
  /// Waits for the end of the connection, and ignores bytes before it.
  bool is_ended() {
    if (!received_.empty()) return false;
    return !receive();
  }

 private:
  bool receive() {
    char bytes[4096];
    error_code error;
    const std::size_t size = socket_.read_some(boost::asio::buffer(bytes), error);
    received_.append(bytes, size);
    return !error;
  }

  boost::asio::io_context context_;
  tcp::socket socket_;
  std::string received_;
};

}  // namespace packwalk
