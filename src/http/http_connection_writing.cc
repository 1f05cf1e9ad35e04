// How a connection sends its responses.
#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <utility>

#include "http/http_connection.h"
#include "http/problem.h"
#include "http/response_writer.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t output_kept_max = 4096;              // kept between responses
constexpr std::size_t write_progress_bytes = 64UL * 1024;  // of a response, per time of a write

/// Frees the memory, which assigning an empty string would not.
void release(std::string& text) { std::string().swap(text); }

/// Memory of one response, with that of its next piece.
std::size_t held_bytes_of(const Body& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return text->capacity();
  const auto* streamed = std::get_if<StreamedBody>(&body);
  if (!streamed) return 0;  // shared by all responses
  return std::max(streamed->first.capacity(), BodySource::piece_bytes_max) + streamed->rest->held_bytes();
}

}  // namespace

void HttpConnection::answer(Response response) {
  if (response.drop) {
    observe(response.status);
    return abort();
  }
  parser_->forget_request();
  if (!charge_request(input_.capacity())) return abort();
  keep_alive_ = keep_alive_ && !finishing_;
  negotiate(response, terms_, parts_.options.allow_origins);
  if (!head_only_ && !response_charge_.set(held_bytes_of(response.body))) {
    response =
        try_again(Problem::overloaded, "The server is sending too many large responses. Send the request again.");
    negotiate(response, terms_, parts_.options.allow_origins);
  }
  write(std::move(response));
}

void HttpConnection::observe(int status) {
  const bool has_head = received_at_ != Clock::time_point();
  AnsweredRequest answered{.pattern = route_ ? route_->pattern : "",
                           .status = status,
                           .method = has_head ? name_of(parser_->method()) : "",
                           .address = remote_address(),
                           .request_id = terms_.request_id};
  if (has_head) answered.took = Clock::now() - received_at_;
  parts_.service.observer(answered);
}

void HttpConnection::write(Response response) {
  is_chunked_ = terms_.may_be_chunked;
  if (std::holds_alternative<StreamedBody>(response.body) && !is_chunked_) keep_alive_ = false;
  ResponseForm form{.keep_alive = keep_alive_,
                    .head_only = head_only_,
                    .is_http_1_0 = !terms_.may_be_chunked,
                    .request_id = terms_.request_id};
  if (!write_response(output_, response, form)) {
    report("a header of the response could end its line");
    keep_alive_ = form.keep_alive = false;
    response = server_fault();
    if (!write_response(output_, response, form)) return abort();
  }
  observe(response.status);
  auto* const streamed = std::get_if<StreamedBody>(&response.body);
  if (streamed && !head_only_) return begin_stream(std::move(*streamed));
  const bool body_apart = sends_body_apart(response, form);
  send(std::move(response), body_apart);
}

/// Sends a response of known length: the output holds the head, and perhaps the body.
void HttpConnection::send(Response response, bool body_apart) {
  std::string_view body;
  if (body_apart) {
    if (auto* const text = std::get_if<std::string>(&response.body)) output_body_ = std::move(*text);
    if (auto* const file = std::get_if<StaticFile>(&response.body)) output_file_ = std::move(file->bytes);
    body = output_file_ ? *output_file_ : output_body_;
  }
  phase_ = Phase::writing;
  set_deadline(Clock::now() + parts_.options.write_timeout);
  const auto sent = [self = self()](error_code error, std::size_t) { self->guard([&] { self->after_write(error); }); };
  if (body_apart) {
    asio::async_write(socket(),
                      std::array{asio::buffer(std::as_const(output_)), asio::buffer(body.data(), body.size())},
                      renew_write_deadline(), sent);
  } else {
    asio::async_write(socket(), asio::buffer(output_), sent);
  }
}

/// Sends a response in pieces: the output holds the head.
void HttpConnection::begin_stream(StreamedBody body) {
  rest_ = std::move(body.rest);
  write_piece({std::move(body.first), false});
}

/// Writes a piece after the content of the output.
void HttpConnection::write_piece(BodyPiece piece) {
  constexpr std::string_view line_end = "\r\n";
  constexpr std::string_view last_chunk = "\r\n0\r\n\r\n";
  output_body_ = std::move(piece.bytes);
  std::string_view after = is_chunked_ && piece.is_last ? last_chunk : std::string_view();
  if (is_chunked_ && !output_body_.empty()) {
    std::array<char, 24> size{};
    const int digits = std::snprintf(size.data(), size.size(), "%zx\r\n", output_body_.size());
    output_.append(size.data(), static_cast<std::size_t>(digits));
    if (!piece.is_last) after = line_end;
  } else if (is_chunked_ && piece.is_last) {
    after.remove_prefix(line_end.size());
  }
  phase_ = Phase::writing;
  set_deadline(Clock::now() + parts_.options.write_timeout);
  const auto sent = [self = self(), is_last = piece.is_last](error_code error, std::size_t) {
    self->guard([&] { self->after_piece(error, is_last); });
  };
  asio::async_write(socket(),
                    std::array{asio::buffer(std::as_const(output_)), asio::buffer(std::as_const(output_body_)),
                               asio::buffer(after.data(), after.size())},
                    renew_write_deadline(), sent);
}

void HttpConnection::after_piece(error_code error, bool was_last) {
  if (error || is_closed()) return abort();
  if (was_last) {
    rest_.reset();
    return after_write(error);
  }
  output_.clear();
  release(output_body_);
  phase_ = Phase::streaming;
  overloaded_since_ = Clock::time_point::max();
  ask_for_piece();
  if (phase_ == Phase::streaming) read_ahead();
}

void HttpConnection::ask_for_piece() {
  asks_again_ = false;
  set_deadline(Clock::time_point::max());
  const auto rest = rest_;  // it may answer immediately, and so end this connection
  rest->next([self = self(), turn = turn_](Result<BodyPiece> piece) {
    self->run([self = self.get(), turn, piece = std::move(piece)]() mutable {
      if (self->turn_ == turn && self->phase_ == Phase::streaming) self->take_piece(std::move(piece));
    });
  });
}

/// If the source is overloaded, the connection retries for as long as a write may take. A large piece also waits that
/// long until other responses are sent.
void HttpConnection::take_piece(Result<BodyPiece> piece) {
  if (!piece && piece.error().code == Errc::overloaded) {
    overloaded_since_ = std::min(overloaded_since_, Clock::now());
    set_deadline(overloaded_since_ + parts_.options.write_timeout);
    asks_again_ = true;
    return;
  }
  if (piece &&
      !response_charge_.set(std::max(piece->bytes.capacity(), BodySource::piece_bytes_max) + rest_->held_bytes())) {
    overloaded_since_ = std::min(overloaded_since_, Clock::now());
    set_deadline(overloaded_since_ + parts_.options.write_timeout);
    piece_without_room_ = *std::move(piece);
    return;
  }
  if (piece) return write_piece(*std::move(piece));
  if (!gone_.stop_requested()) report("a response was cut off: " + piece.error().detail);
  abort();
}

/// For a large response, the deadline restarts whenever the caller has read this much in time.
std::function<std::size_t(const error_code&, std::size_t)> HttpConnection::renew_write_deadline() {
  return [self = self(), renewed_at = std::size_t{0}](const error_code& error, std::size_t sent) mutable {
    if (sent - renewed_at >= write_progress_bytes) {
      renewed_at = sent;
      self->set_deadline(Clock::now() + self->parts_.options.write_timeout);
    }
    return error ? 0 : write_progress_bytes;
  };
}

void HttpConnection::after_write(error_code error) {
  if (output_.capacity() > output_kept_max) release(output_);
  release(output_body_);
  output_file_.reset();
  response_charge_.set(0);
  if (error || is_closed()) return abort();
  if (!keep_alive_ || finishing_) return end_gently();
  if (parser_->is_whole()) return next_request();
  phase_ = Phase::draining;
  set_deadline(Clock::now() + parts_.options.request_timeout);
  take_input();
}

}  // namespace packwalk
