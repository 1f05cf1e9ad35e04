// One HTTP connection: reads requests one after another, answers them in order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "http/accepted_connection.h"
#include "http/byte_budget.h"
#include "http/input_buffer.h"
#include "http/negotiation.h"
#include "http/request_parser.h"
#include "http/server_options.h"
#include "http/service.h"

namespace packwalk {

/// The parts that all connections of a server share.
struct HttpConnectionParts {
  const ServerOptions& options;
  const Service& service;
  const Router& router;
  ByteBudget& request_bytes;
  ByteBudget& device_bytes;  // the same bytes, per device whose token is in the head
  ByteBudget& response_bytes;
  ConnectionSeats& device_seats;  // keyed by device: those that need not give way
  std::size_t little_bytes = 0;  // an owner with no more bytes under way always has room
};

class HttpConnection final : public AcceptedConnection {
 public:
  HttpConnection(Accepted accepted, const HttpConnectionParts& parts);

  /// Closes the connection if it is past its deadline, and detects whether its caller is gone.
  void look_after(Clock::time_point now) override;
  void finish() override;

 private:
  enum class Phase { head, deciding, body, answering, writing, streaming, draining, lingering, closed };

  void begin() override { next_request(); }
  void closing() override;
  void report(std::string_view what) override;
  std::shared_ptr<HttpConnection> self() { return std::static_pointer_cast<HttpConnection>(shared_from_this()); }

  // From the head of a request to its handler: http_connection.cc.
  void next_request();
  void take_input();
  void take_head();
  void check_head();
  void decide(HeadDecision decision);
  void take_body();
  void handle();
  template <class Call>
  void call_route(Call call);
  void answer_fault(std::uint64_t turn, std::string_view what);
  void refuse(Response response);
  void refuse_bytes(Response response);
  void report_unhandled(int status);
  static Response too_many_bytes();

  // Reading, with its limits: http_connection_reading.cc.
  void read_on();
  void read_ahead();
  void start_read();
  void received(boost::system::error_code error, std::size_t bytes);
  void take_received();
  bool charge_request(std::size_t buffer_bytes);
  bool waits_for_peer() const;
  bool must_give_way();
  bool holds_little_with(std::size_t bytes) const;
  void renew_read_deadline();
  void send_continue();
  void end_gently();
  void linger();
  /// Waits for a handler.
  bool is_waited_for() const { return phase_ == Phase::answering || phase_ == Phase::streaming; }
  bool heeds_gone() const { return route_ && route_->heeds_gone; }
  bool peer_is_there();

  // Writing: http_connection_writing.cc.
  void answer(Response response);
  void observe(int status);
  void write(Response response);
  void send(Response response, bool body_apart);
  void begin_stream(StreamedBody body);
  void write_piece(BodyPiece piece);
  void after_piece(boost::system::error_code error, bool was_last);
  void ask_for_piece();
  void take_piece(Result<BodyPiece> piece);
  std::function<std::size_t(const boost::system::error_code&, std::size_t)> renew_write_deadline();
  void after_write(boost::system::error_code error);

  const HttpConnectionParts& parts_;
  InputBuffer input_;
  std::optional<RequestParser> parser_;
  Charge request_charge_;
  std::optional<Charge> device_charge_;  // of a request with a device's token in its head
  std::optional<Seat> device_seat_;      // likewise, if its peer is slow
  Charge response_charge_;
  std::stop_source gone_;
  ResponseTerms terms_;  // of the current request
  std::string output_;
  std::string output_body_;
  std::shared_ptr<const std::string> output_file_;  // a body that many connections send
  std::shared_ptr<BodySource> rest_;                // of the current response
  std::optional<BodyPiece> piece_without_room_;
  bool is_chunked_ = false;          // it is sent in chunks
  bool asks_again_ = false;          // for the next piece, if the source was overloaded
  Clock::time_point received_at_{};  // when the head was complete, if it was
  Clock::time_point overloaded_since_{};
  const Route* route_ = nullptr;
  Phase phase_ = Phase::head;
  std::uint64_t turn_ = 0;  // counts answers, so that a second answer to a request is ignored
  std::size_t linger_bytes_ = 0;
  std::uint64_t device_ = 0;         // the number of the device with the token in the head; 0: none
  std::size_t read_renewed_at_ = 0;  // bytes of the body
  bool is_admitted_ = false;         // the head has a valid token
  bool reading_ = false;
  bool peer_ended_ = false;  // the peer has closed its side
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool continued_ = false;
  bool is_continuing_ = false;  // 100 Continue is being written
  bool finishing_ = false;
};

}  // namespace packwalk
