#include "adapters/rabbitmq/link.h"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/rabbitmq/link_handle.h"
#include "adapters/rabbitmq/message_content.h"
#include "base/text.h"

namespace packwalk::rabbitmq {

void Link::CloseHandle::operator()(Handle* handle) const { delete handle; }

namespace {

constexpr timeval connect_timeout{5, 0};
constexpr timeval handshake_timeout{5, 0};
constexpr std::chrono::seconds goodbye_max{2};
constexpr timeval goodbye_timeout{goodbye_max.count(), 0};
constexpr std::chrono::seconds write_max{5};         // of what there is room for, so that it never takes as long
constexpr std::size_t around_body_bytes_max = 1024;  // method and header of a message
constexpr std::size_t around_frame_bytes = 8;
constexpr std::uint64_t message_bytes_max = 536'870'912;  // of RabbitMQ itself

Failure bad_url() { return fail(Errc::invalid_input, "queue.urls: each is amqp://user:password@host:port/vhost"); }

/// As the user of the url, with what we want to be told: the end of a consumer, and that publishes are not taken.
Result<void> log_in(amqp_connection_state_t state, const amqp_connection_info& info, std::chrono::seconds heartbeat) {
  const auto flag = [](const char* name) {
    amqp_table_entry_t entry{amqp_cstring_bytes(name), {}};
    entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entry.value.value.boolean = 1;
    return entry;
  };
  std::array wanted = {flag("consumer_cancel_notify"), flag("connection.blocked")};
  amqp_table_entry_t capabilities{amqp_cstring_bytes("capabilities"), {}};
  capabilities.value.kind = AMQP_FIELD_KIND_TABLE;
  capabilities.value.value.table = {static_cast<int>(wanted.size()), wanted.data()};
  const amqp_table_t properties{1, &capabilities};
  return outcome_of(amqp_login_with_properties(state, info.vhost, 0, frame_bytes_max,
                                               static_cast<int>(heartbeat.count()), &properties, AMQP_SASL_METHOD_PLAIN,
                                               info.user, info.password));
}

amqp_socket_t* new_socket(amqp_connection_state_t state, bool tls, const std::string& ca_file) {
  if (!tls) return amqp_tcp_socket_new(state);
  amqp_socket_t* socket = amqp_ssl_socket_new(state);
  if (!socket) return nullptr;
  amqp_ssl_socket_set_verify_peer(socket, 1);
  amqp_ssl_socket_set_verify_hostname(socket, 1);
  const std::string& file = ca_file.empty() ? "/etc/ssl/certs/ca-certificates.crt" : ca_file;
  if (amqp_ssl_socket_set_cacert(socket, file.c_str()) != AMQP_STATUS_OK) return nullptr;
  return socket;
}

/// As much of a message as there is room for: all of it at once, or its method and header, or a piece of its body.
/// Returns whether that was the end of it.
Result<bool> send_some(amqp_connection_state_t state, Outgoing& message, std::size_t room) {
  if (!message.begun) {
    Properties properties(message);
    const amqp_boolean_t mandatory = message.mandatory ? 1 : 0;
    if (message.body.size() + around_body_bytes_max <= room) {
      auto sent =
          outcome_of(amqp_basic_publish(state, channel, bytes_of(message.exchange), bytes_of(message.routing_key),
                                        mandatory, 0, properties.get(), bytes_of(message.body)));
      if (!sent) return sent.failure();
      return true;
    }
    amqp_basic_publish_t method{};
    method.exchange = bytes_of(message.exchange);
    method.routing_key = bytes_of(message.routing_key);
    method.mandatory = mandatory;
    if (auto sent = outcome_of(amqp_send_method(state, channel, AMQP_BASIC_PUBLISH_METHOD, &method)); !sent) {
      return sent.failure();
    }
    amqp_frame_t header{};
    header.frame_type = AMQP_FRAME_HEADER;
    header.channel = channel;
    header.payload.properties.class_id = AMQP_BASIC_CLASS;
    header.payload.properties.body_size = message.body.size();
    header.payload.properties.decoded = properties.get();
    if (auto sent = outcome_of(amqp_send_frame(state, &header)); !sent) return sent.failure();
    message.begun = true;
    return message.body.empty();
  }
  const std::size_t frame_max = static_cast<std::size_t>(amqp_get_frame_max(state)) - around_frame_bytes;
  const std::size_t size = std::min({room, frame_max, message.body.size() - message.sent});
  amqp_frame_t piece{};
  piece.frame_type = AMQP_FRAME_BODY;
  piece.channel = channel;
  piece.payload.body_fragment = bytes_of(std::string_view(message.body).substr(message.sent, size));
  if (auto sent = outcome_of(amqp_send_frame(state, &piece)); !sent) return sent.failure();
  message.sent += size;
  return message.sent == message.body.size();
}

/// The message that is coming in, when `frame` ends it.
Result<std::optional<Event>> take_content(std::optional<Incoming>& incoming, const amqp_frame_t& frame) {
  if (!incoming) return broken("content without a message");
  if (frame.frame_type == AMQP_FRAME_HEADER) {
    incoming->has_header = true;
    incoming->body_bytes = frame.payload.properties.body_size;
    read_properties(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded),
                    incoming->delivered);
  } else {
    incoming->delivered.body.append(static_cast<const char*>(frame.payload.body_fragment.bytes),
                                    frame.payload.body_fragment.len);
  }
  if (incoming->body_bytes > message_bytes_max || incoming->delivered.body.size() > incoming->body_bytes) {
    return broken("a message is larger than it can be");
  }
  if (!incoming->has_header || incoming->delivered.body.size() < incoming->body_bytes) return std::optional<Event>();
  std::optional<Event> event(std::move(incoming->delivered));
  incoming.reset();
  return event;
}

/// What a method tells; none when it begins a message.
Result<std::optional<Event>> take_method(std::optional<Incoming>& incoming, const amqp_method_t& method) {
  switch (method.id) {
    case AMQP_BASIC_ACK_METHOD: {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
      return std::optional<Event>(Confirmed{ack->delivery_tag, ack->multiple != 0, true});
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
      return std::optional<Event>(Confirmed{nack->delivery_tag, nack->multiple != 0, false});
    }
    case AMQP_CONNECTION_BLOCKED_METHOD: {
      const auto* blocked = static_cast<const amqp_connection_blocked_t*>(method.decoded);
      return std::optional<Event>(Blocked{true, text_of(blocked->reason)});
    }
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return std::optional<Event>(Blocked{});
    case AMQP_BASIC_CANCEL_METHOD:
      return broken("the queue is gone");
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto* deliver = static_cast<const amqp_basic_deliver_t*>(method.decoded);
      incoming = Incoming{.delivered = {.tag = deliver->delivery_tag,
                                        .redelivered = deliver->redelivered != 0,
                                        .exchange = text_of(deliver->exchange),
                                        .routing_key = text_of(deliver->routing_key)}};
      return std::optional<Event>();
    }
    default:
      return broken(reason_of(method));
  }
}

}  // namespace

Failure broken(const std::string& what) { return fail(Errc::unavailable, "RabbitMQ: " + what); }

std::string reason_of(const amqp_method_t& method) {
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
    return text_of(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_text);
  }
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
    return text_of(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_text);
  }
  return "an answer that nobody expected";
}

Result<void> outcome_of(const amqp_rpc_reply_t& reply) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return {};
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      return broken(reason_of(reply.reply));
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return broken(amqp_error_string2(reply.library_error));
    case AMQP_RESPONSE_NONE:
      break;
  }
  return broken("no answer");
}

Result<void> outcome_of(int status) {
  if (status == AMQP_STATUS_OK) return {};
  return broken(amqp_error_string2(status));
}

Result<void> Link::Handle::make_room() const {
  const auto until = Clock::now() + answer_max;
  while (watch->room() == 0) {
    if (Clock::now() >= until) return broken("it reads nothing");
    pollfd file{amqp_get_sockfd(state), POLLOUT, 0};
    ::poll(&file, 1, static_cast<int>(std::chrono::milliseconds(answer_max).count()));
  }
  return {};
}

Result<Link> Link::open(const std::string& url, const BrokerOptions& options) {
  std::string parsed = url;  // it is taken apart in place
  amqp_connection_info info{};
  if (amqp_parse_url(parsed.data(), &info) != AMQP_STATUS_OK) return bad_url();
  std::unique_ptr<Handle, CloseHandle> handle(new Handle());
  amqp_socket_t* socket = new_socket(handle->state, info.ssl != 0, options.ca_file);
  if (!socket) return broken("cannot make a socket: is queue.ca_file right?");
  const std::string& where = handle->where = host_and_port(info.host, static_cast<std::uint16_t>(info.port));
  if (auto opened = outcome_of(amqp_socket_open_noblock(socket, info.host, info.port, &connect_timeout)); !opened) {
    return fail(Errc::unavailable, opened.error().detail + " at " + where);
  }
  handle->watch = std::make_unique<SocketWatch>(amqp_get_sockfd(handle->state));
  const SocketWatch::Call call(*handle->watch, call_max);
  amqp_set_rpc_timeout(handle->state, &answer_timeout);
  amqp_set_handshake_timeout(handle->state, &handshake_timeout);
  if (const auto logged_in = log_in(handle->state, info, options.heartbeat); !logged_in) {
    return fail(Errc::unavailable, logged_in.error().detail + " at " + where + ": cannot log in");
  }
  // From here on the heartbeats are ours: the library sends them also when there is no room, and then waits for it.
  handle->heartbeat = std::chrono::seconds(amqp_get_heartbeat(handle->state));
  amqp_tune_connection(handle->state, amqp_get_channel_max(handle->state), amqp_get_frame_max(handle->state), 0);
  amqp_channel_open(handle->state, channel);
  if (auto ready = outcome_of(amqp_get_rpc_reply(handle->state)); !ready) return ready.failure();
  handle->heard_at = Handle::Clock::now();
  return Link(std::move(handle));
}

Result<Link> Link::open_any(const BrokerOptions& options) {
  Result<Link> link = open(options.urls.front(), options);
  for (std::size_t i = 1; !link && i < options.urls.size(); ++i) link = open(options.urls[i], options);
  return link;
}

Result<std::string> vhost_of(const std::string& url) {
  std::string parsed = url;
  amqp_connection_info info{};
  if (amqp_parse_url(parsed.data(), &info) != AMQP_STATUS_OK) return bad_url();
  return std::string(info.vhost);
}

Result<std::string> knock(const std::string& url, std::uint16_t port) {
  std::string parsed = url;
  amqp_connection_info info{};
  if (amqp_parse_url(parsed.data(), &info) != AMQP_STATUS_OK) return bad_url();
  const std::string where = host_and_port(info.host, port);
  amqp_connection_state_t state = amqp_new_connection();
  const auto opened =
      outcome_of(amqp_socket_open_noblock(amqp_tcp_socket_new(state), info.host, port, &connect_timeout));
  amqp_destroy_connection(state);
  if (!opened) return fail(Errc::unavailable, opened.error().detail + " at " + where);
  return where;
}

SocketWatch::Call Link::within(std::chrono::milliseconds longest) {
  return SocketWatch::Call(*handle_->watch, longest);
}

Result<void> Link::publish(const std::string& queue, std::string_view content_type, std::string body) {
  handle_->outgoing =
      Outgoing{.routing_key = queue, .content_type = std::string(content_type), .body = std::move(body)};
  return send_rest();
}

Result<void> Link::publish_nowhere(const std::string& name) {
  handle_->outgoing = Outgoing{.routing_key = name, .mandatory = false};
  return send_rest();
}

Result<void> Link::send_rest() {
  while (handle_->outgoing) {
    const std::size_t room = handle_->watch->room();
    if (room == 0) return {};
    const SocketWatch::Call call(*handle_->watch, write_max);
    const auto ended = send_some(handle_->state, *handle_->outgoing, room);
    if (!ended) return ended.failure();
    if (*ended) handle_->outgoing.reset();
  }
  return {};
}

bool Link::has_unsent() const { return handle_->outgoing.has_value(); }
bool Link::has_room() const { return handle_->watch->room() > 0; }
std::chrono::steady_clock::time_point Link::heard_at() const { return handle_->heard_at; }

Result<void> Link::publish_again(const Delivered& message) {
  handle_->outgoing = Outgoing{.exchange = message.exchange,
                               .routing_key = message.routing_key,
                               .content_type = message.content_type,
                               .body = message.body,
                               .timestamp_ms = message.timestamp_ms};
  std::size_t sent = 0;
  for (auto until = Handle::Clock::now() + answer_max; Handle::Clock::now() < until;) {
    if (auto more = send_rest(); !more) return more;
    if (handle_->outgoing && handle_->outgoing->sent > sent) {
      sent = handle_->outgoing->sent;
      until = Handle::Clock::now() + answer_max;
    }
    auto event = next_event();
    if (!event) return event.failure();
    if (const auto* blocked = *event ? std::get_if<Blocked>(&**event) : nullptr; blocked && blocked->blocked) {
      return broken("it takes no messages: " + blocked->reason);
    }
    if (*event && std::holds_alternative<Confirmed>(**event)) {
      return std::get<Confirmed>(**event).taken ? Result<void>() : Result<void>(broken("the queue is full"));
    }
    if (!*event) wait(-1, std::chrono::milliseconds(100));
  }
  return broken("it does not confirm");
}

Result<void> Link::acknowledge(std::uint64_t tag) {
  if (auto room = handle_->make_room(); !room) return room;
  const SocketWatch::Call call(*handle_->watch, write_max);
  return outcome_of(amqp_basic_ack(handle_->state, channel, tag, 0));
}

Result<void> Link::acknowledge_up_to(std::uint64_t tag) {
  if (auto room = handle_->make_room(); !room) return room;
  const SocketWatch::Call call(*handle_->watch, write_max);
  return outcome_of(amqp_basic_ack(handle_->state, channel, tag, 1));
}

Result<void> Link::reject(std::uint64_t tag) {
  if (auto room = handle_->make_room(); !room) return room;
  const SocketWatch::Call call(*handle_->watch, write_max);
  return outcome_of(amqp_basic_reject(handle_->state, channel, tag, 0));
}

const std::string& Link::where() const { return handle_->where; }

std::string Link::version() const {
  const amqp_table_t* properties = amqp_get_server_properties(handle_->state);
  for (int i = 0; i < properties->num_entries; ++i) {
    const amqp_table_entry_t& entry = properties->entries[i];
    if (text_of(entry.key) == "version" && entry.value.kind == AMQP_FIELD_KIND_UTF8) {
      return text_of(entry.value.value.bytes);
    }
  }
  return "";
}

Result<std::optional<Event>> Link::next_event() {
  const auto state = handle_->state;
  const SocketWatch::Call call(*handle_->watch, write_max);
  while (true) {
    amqp_maybe_release_buffers(state);
    amqp_frame_t frame{};
    const timeval at_once{0, 0};
    const int status = amqp_simple_wait_frame_noblock(state, &frame, &at_once);
    if (status == AMQP_STATUS_TIMEOUT) return std::optional<Event>();
    if (auto done = outcome_of(status); !done) return done.failure();
    handle_->heard_at = Handle::Clock::now();
    auto event = std::optional<Event>();
    if (frame.frame_type == AMQP_FRAME_METHOD) {
      auto told = take_method(handle_->incoming, frame.payload.method);
      if (!told) return told;
      event = *std::move(told);
    } else if (frame.frame_type == AMQP_FRAME_HEADER || frame.frame_type == AMQP_FRAME_BODY) {
      auto told = take_content(handle_->incoming, frame);
      if (!told) return told;
      event = *std::move(told);
    }
    if (event) return event;
  }
}

void Link::close() {
  if (handle_->outgoing || !has_room()) return;
  const SocketWatch::Call call(*handle_->watch, goodbye_max + std::chrono::seconds(1));
  amqp_set_rpc_timeout(handle_->state, &goodbye_timeout);
  amqp_connection_close(handle_->state, AMQP_REPLY_SUCCESS);
}

Result<void> Link::beat() {
  const auto now = Handle::Clock::now();
  if (handle_->heartbeat.count() == 0) return {};
  if (now - handle_->heard_at > 2 * handle_->heartbeat && !handle_->watch->has_something()) {
    return broken("nothing has come from it for " + std::to_string(2 * handle_->heartbeat.count()) + " s");
  }
  // Whoever reads nothing does not wait for them.
  if (now - handle_->beaten_at < handle_->heartbeat / 2 || !has_room()) return {};
  handle_->beaten_at = now;
  const SocketWatch::Call call(*handle_->watch, write_max);
  amqp_frame_t heartbeat{};
  heartbeat.frame_type = AMQP_FRAME_HEARTBEAT;
  return outcome_of(amqp_send_frame(handle_->state, &heartbeat));
}

void Link::rest(int wake, std::chrono::milliseconds longest) {
  pollfd file{wake, POLLIN, 0};
  ::poll(&file, 1, static_cast<int>(longest.count()));
  handle_->heard_at = Handle::Clock::now();  // nobody listened
}

void Link::wait(int wake, std::chrono::milliseconds longest) {
  if (amqp_frames_enqueued(handle_->state) != 0 || amqp_data_in_buffer(handle_->state) != 0) return;
  const auto events = static_cast<short>(handle_->outgoing ? POLLIN | POLLOUT : POLLIN);
  std::array<pollfd, 2> files = {pollfd{amqp_get_sockfd(handle_->state), events, 0}, pollfd{wake, POLLIN, 0}};
  ::poll(files.data(), files.size(), static_cast<int>(longest.count()));
  if ((files[0].revents & POLLIN) != 0) handle_->heard_at = Handle::Clock::now();
}

}  // namespace packwalk::rabbitmq
