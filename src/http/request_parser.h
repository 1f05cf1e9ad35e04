// Parses one request: the rules of its head, the framing of its body, and the limits of both. Pure.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/request_head.h"

namespace packwalk {

constexpr std::size_t chunk_overhead_bytes_max = 16UL * 1024;  // limit on chunk extensions and trailers of a body

/// Reads one request. Beast splits the bytes. This class checks the rest of RFC 9112: Beast 1.81 neither limits a head
/// that arrives in small lines, nor refuses an unknown transfer coding, nor separates trailers from headers. Empty
/// lines before the request are skipped. Lines may end in LF alone (RFC 9112, section 2.2). But then all lines of the
/// head must, the body needs Content-Length, and the connection ends with the answer: if a proxy and this parser
/// disagreed on the end of a line, one request could hide another. May throw std::bad_alloc.
class RequestParser : private boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(std::size_t header_bytes_max);

  /// Reads from `waiting`, all unconsumed bytes of the connection. Returns the count of consumed bytes. Stops when the
  /// head is complete, and again when the body is; bytes may be left then.
  std::size_t read(std::string_view waiting);

  const std::optional<ParseFailure>& failure() const { return failure_; }
  bool has_begun() const { return has_begun_; }  // empty lines begin no request
  bool has_head() const { return is_header_done(); }
  bool is_whole() const { return is_done() && !failure_; }

  // The functions below require has_head().

  /// The request, from its head. Its body grows while it is read.
  Request& request() { return request_; }
  bool keeps_alive() const { return keeps_alive_; }
  bool expects_continue() const { return expects_continue_; }
  Method method() const { return request_.method; }                       // also after forget_request()
  bool has_host() const { return packwalk::has_host(request_.headers); }  // a Host that is not empty
  bool may_lack_host() const { return version_ < 11; }
  /// The unread rest of Content-Length; empty for a chunked body.
  std::optional<std::uint64_t> announced_rest() const;

  /// Keeps at most `bytes_max` of the body; answers 413 for more. Call it before the body is read.
  void keep_body(std::size_t bytes_max);
  /// Discards the body, of which it reads at most `bytes_max`.
  void discard_body(std::size_t bytes_max);
  /// Frees the request, but keeps its method.
  void forget_request();

 private:
  using Verb = boost::beast::http::verb;
  using Field = boost::beast::http::field;
  using Text = boost::beast::string_view;
  using Failure = boost::beast::error_code;

  void on_request_impl(Verb verb, Text method, Text target, int version, Failure& failure) override;
  void on_response_impl(int status, Text reason, int version, Failure& failure) override;
  void on_field_impl(Field name, Text name_text, Text value, Failure& failure) override;
  void on_header_impl(Failure& failure) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Failure& failure) override;
  std::size_t on_body_impl(Text bytes, Failure& failure) override;
  void on_chunk_header_impl(std::uint64_t size, Text extension, Failure& failure) override;
  std::size_t on_chunk_body_impl(std::uint64_t rest, Text bytes, Failure& failure) override;
  void on_finish_impl(Failure& failure) override;

  std::size_t skip_empty_lines(std::string_view waiting);
  void note_line_end(std::string_view head);
  std::size_t read_head_of_lf_lines(std::string_view waiting);
  std::size_t feed(std::string_view bytes, bool had_head);
  void check_framing();
  void check_limits(std::size_t waiting, bool had_head);
  void fail(int status, std::string detail);
  void fail_by(const Failure& failure);

  const std::size_t header_bytes_max_;
  std::optional<ParseFailure> failure_;
  LineEnd line_end_ = LineEnd::unknown;
  bool has_begun_ = false;
  std::size_t searched_ = 0;  // to find the end of a head with LF lines
  Request request_;
  std::string_view reading_;  // while put() reads them
  std::size_t body_bytes_max_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t after_head_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  std::size_t chunks_ = 0;
  std::size_t fields_ = 0;  // including trailers
  int version_ = 11;
  bool keeps_alive_ = false;
  bool expects_continue_ = false;
  bool keeps_body_ = true;
};

/// Whether `waiting` has nothing but line ends, which begin no request.
bool holds_empty_lines_only(std::string_view waiting);

}  // namespace packwalk
