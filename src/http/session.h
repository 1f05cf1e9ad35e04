// One connection: reads requests one after another, answers them in order.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/server.h"

namespace packwalk {

/// All of it runs on the thread of its socket. It lives while an operation or a handler holds it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Clock = std::chrono::steady_clock;

  Session(boost::asio::ip::tcp::socket socket, const ServerOptions& options, const Service& service);

  void start();
  /// Closes the connection when it has been slower than it may.
  void end_if_late(Clock::time_point now);
  /// Ends it now, or when the answer under way is sent.
  void finish();
  void abort();

  bool is_answering() const { return answering_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void next_request();
  void read_on();
  void take_input(boost::system::error_code error, std::size_t bytes);
  bool wants_continue() const;
  void send_continue();
  void refuse(boost::system::error_code error);
  void handle();
  void answer(const Response& response);
  void answer_refusal(const Response& response);
  void after_write(boost::system::error_code error);
  void linger();

  const ServerOptions& options_;
  const Service& service_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer input_;
  std::optional<Parser> parser_;
  std::string output_;
  Clock::time_point deadline_;
  bool answering_ = false;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool continued_ = false;
  bool finishing_ = false;
  bool lingering_ = false;
  std::size_t linger_bytes_ = 0;
};

}  // namespace packwalk
