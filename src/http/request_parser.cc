#include "http/request_parser.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <functional>
#include <limits>
#include <utility>

#include "base/text.h"
#include "http/request_target.h"

namespace packwalk {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view chunked_end = "0\r\n\r\n";
constexpr std::size_t plain_chunk_overhead = 20;  // 16 digits of a size and two line ends
constexpr std::string_view end_of_lf_head = "\n\n";

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::delete_;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

/// Whether a field's value continues on the next line (obs-fold). Beast skips empty lines of such a value, and joins
/// the others in memory of its own.
bool is_folded(std::string_view bytes, std::string_view name, std::string_view value) {
  const std::less_equal<const char*> is_not_behind;
  const char* const name_end = name.data() + name.size();
  const char* const bytes_end = bytes.data() + bytes.size();
  if (!is_not_behind(name_end, value.data()) || !is_not_behind(value.data(), bytes_end)) return true;
  return std::string_view(name_end, static_cast<std::size_t>(value.data() - name_end)).find('\n') !=
         std::string_view::npos;
}

/// Beast 1.81 asserts that it sees all of "0\r\n\r\n" once it has seen "0\r\n".
bool may_be_cut_end(std::string_view rest) {
  return rest.size() < chunked_end.size() && rest.find_first_not_of(chunked_end) == std::string_view::npos;
}

std::string too_large(std::size_t bytes_max) {
  return bytes_max == 0 ? "This path accepts no body. Send the request without one."
                        : "The body is too large. Send at most " + std::to_string(bytes_max) + " bytes.";
}

}  // namespace

bool holds_empty_lines_only(std::string_view waiting) {
  return waiting.find_first_not_of("\r\n") == std::string_view::npos;
}

RequestParser::RequestParser(std::size_t header_bytes_max) : header_bytes_max_(header_bytes_max) {
  header_limit(std::numeric_limits<std::uint32_t>::max());  // our position counts consumed bytes too
  body_limit(boost::none);
}

std::size_t RequestParser::read(std::string_view waiting) {
  const bool had_head = is_header_done();
  std::size_t consumed = 0;
  if (!had_head) {
    consumed = skip_empty_lines(waiting);
    note_line_end(waiting.substr(consumed));
  }
  if (!had_head && line_end_ == LineEnd::lf) {
    consumed += read_head_of_lf_lines(waiting.substr(consumed));
  } else if (has_begun_) {
    consumed += feed(waiting.substr(consumed), had_head);
  }
  check_limits(waiting.size() - consumed, had_head);
  if (!failure_ && !had_head && is_header_done()) check_framing();
  return consumed;
}

/// Passes `bytes` to Beast until the head or the request is complete, or Beast needs more. Returns the count of
/// consumed bytes.
std::size_t RequestParser::feed(std::string_view bytes, bool had_head) {
  std::size_t consumed = 0;
  while (!failure_ && !is_done() && consumed < bytes.size() && is_header_done() == had_head) {
    const std::string_view rest = bytes.substr(consumed);
    if (had_head && chunked() && may_be_cut_end(rest)) break;
    Failure failure;
    reading_ = rest;
    const std::size_t used = put({rest.data(), rest.size()}, failure);
    consumed += used;
    (had_head ? after_head_bytes_ : head_bytes_) += used;
    if (failure == http::error::need_more) break;
    if (failure) fail_by(failure);
  }
  return consumed;
}

/// Some firmware prints one line too many, between two requests or before the first. The end of that line says nothing
/// about the head: firmware prints it, but a library writes the head.
std::size_t RequestParser::skip_empty_lines(std::string_view waiting) {
  std::size_t skipped = 0;
  while (!has_begun_ && skipped < waiting.size()) {
    const std::string_view rest = waiting.substr(skipped);
    if (rest.starts_with("\r\n")) {
      skipped += 2;
    } else if (rest.starts_with('\n')) {
      ++skipped;
    } else {
      has_begun_ = rest != "\r";  // otherwise the rest of that line is on its way
      break;
    }
  }
  head_bytes_ += skipped;
  return skipped;
}

/// The first line decides. Until it is complete, Beast may report that it is not valid.
void RequestParser::note_line_end(std::string_view head) {
  if (line_end_ != LineEnd::unknown) return;
  const std::size_t end = head.find('\n');
  if (end == std::string_view::npos) return;
  line_end_ = end > 0 && head[end - 1] == '\r' ? LineEnd::crlf : LineEnd::lf;
}

/// Beast knows only CR LF. It gets the complete head, so that all lines end in the same way.
std::size_t RequestParser::read_head_of_lf_lines(std::string_view waiting) {
  const std::size_t end = waiting.find(end_of_lf_head, searched_);
  const bool is_there = end != std::string_view::npos;
  const std::string_view head = waiting.substr(0, is_there ? end + end_of_lf_head.size() : waiting.size());
  if (head.find('\r', searched_) != std::string_view::npos) {
    fail(400, "The header lines end in both CR LF and LF. End all in CR LF.");
  }
  searched_ = head.empty() ? 0 : head.size() - 1;
  if (failure_ || !is_there || head_bytes_ + head.size() > header_bytes_max_) return 0;
  std::string lines;
  lines.reserve(head.size() + Headers::fields_max);
  for (const char c : head) {
    if (c == '\n') lines.push_back('\r');
    lines.push_back(c);
  }
  const std::size_t before = head_bytes_;
  feed(lines, false);
  head_bytes_ = before + head.size();
  if (!failure_ && !is_header_done()) fail(400, "The request is not HTTP/1.1. Send HTTP/1.1.");
  return head.size();
}

/// Reports the first flaw: bytes beyond a limit are not checked.
void RequestParser::check_limits(std::size_t waiting, bool had_head) {
  if (failure_) return;
  if (!is_header_done()) {
    if (head_bytes_ + waiting > header_bytes_max_) fail(431, "the header is too large");
  } else if (head_bytes_ > header_bytes_max_) {
    fail(431, "the header is too large");
  } else if (chunked()) {
    const std::size_t overhead = after_head_bytes_ - body_bytes_;
    // The parser consumes bytes of the body immediately, but it stops after the head.
    const bool counts_waiting = had_head && !is_done() && waiting >= chunk_overhead_bytes_max;
    if (counts_waiting || overhead > chunk_overhead_bytes_max + chunks_ * plain_chunk_overhead) {
      fail(431, "The chunk extensions or trailers are too large. Send the body without them.");
    }
  }
}

void RequestParser::check_framing() {
  const HeadFacts facts{
      .version = version_, .is_chunked = chunked(), .has_length = content_length().has_value(), .line_end = line_end_};
  if (auto wrong = head_failure(request_.headers, facts)) return fail(wrong->status, std::move(wrong->detail));
  expects_continue_ = version_ >= 11 && packwalk::expects_continue(request_.headers);  // RFC 9110 section 10.1.1
}

std::optional<std::uint64_t> RequestParser::announced_rest() const {
  if (chunked()) return std::nullopt;
  const auto length = content_length();
  return length ? *length - body_bytes_ : 0;
}

void RequestParser::keep_body(std::size_t bytes_max) {
  body_bytes_max_ = bytes_max;
  if (is_done()) return;
  if (announced_rest().value_or(0) > bytes_max) {
    return fail(413, too_large(bytes_max));
  }
  body_limit(bytes_max);
}

void RequestParser::discard_body(std::size_t bytes_max) {
  keeps_body_ = false;
  std::string().swap(request_.body);  // frees the memory, which assigning an empty string would not
  body_bytes_max_ = bytes_max;
  if (!is_done()) body_limit(bytes_max);
}

void RequestParser::forget_request() {
  const Request forgotten = std::exchange(request_, Request{.method = request_.method});
}

void RequestParser::fail(int status, std::string detail) {
  if (!failure_) failure_ = ParseFailure{status, std::move(detail)};
}

void RequestParser::fail_by(const Failure& failure) {
  if (failure == http::error::body_limit) {
    fail(413, too_large(body_bytes_max_));
  } else if (failure == http::error::header_limit) {
    fail(431, "the header is too large");
  } else {
    fail(400, "The request is not HTTP/1.1: " + failure.message());
  }
}

void RequestParser::on_request_impl(Verb verb, Text /*method*/, Text target_text, int version, Failure& failure) {
  failure = {};
  request_.method = method_of(verb);
  version_ = version;
  auto target = split_target(view(target_text));
  if (!target) {
    fail(400, std::move(target.error().detail));
    failure = http::error::bad_target;
    return;
  }
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);
}

void RequestParser::on_response_impl(int /*status*/, Text /*reason*/, int /*version*/, Failure& failure) {
  failure = http::error::bad_method;
}

/// A field after the body is a trailer, not a header.
void RequestParser::on_field_impl(Field /*name*/, Text name, Text value, Failure& failure) {
  failure = {};
  if (is_folded(reading_, view(name), view(value))) {
    fail(400, "A header value continues on the next line. Send it on one line.");
    failure = http::error::bad_value;
    return;
  }
  const bool has_room = ++fields_ <= Headers::fields_max;
  if (!has_room || (!is_header_done() && !request_.headers.add(view(name), view(value)))) {
    failure = http::error::header_limit;
  }
}

void RequestParser::on_header_impl(Failure& failure) {
  failure = {};
  keeps_alive_ = keep_alive() && line_end_ != LineEnd::lf;
  fields_ = 0;  // trailers have a count of their own
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, Failure& failure) {
  failure = {};
}

std::size_t RequestParser::on_body_impl(Text bytes, Failure& failure) {
  failure = {};
  body_bytes_ += bytes.size();
  if (!keeps_body_) return bytes.size();
  std::string& body = request_.body;
  if (const std::size_t needed = body.size() + bytes.size(); needed > body.capacity()) {
    // Doubles the capacity each time, at most to the limit of the body.
    std::size_t room = content_length() ? static_cast<std::size_t>(*content_length()) : body_bytes_max_;
    while (room / 2 >= std::max(needed, body.capacity() * 2)) room /= 2;
    body.reserve(std::max(needed, room));
  }
  body.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t /*size*/, Text /*extension*/, Failure& failure) {
  failure = {};
  ++chunks_;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t /*rest*/, Text bytes, Failure& failure) {
  return on_body_impl(bytes, failure);
}

void RequestParser::on_finish_impl(Failure& failure) { failure = {}; }

}  // namespace packwalk
