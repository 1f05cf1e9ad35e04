#include "adapters/rabbitmq/link.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <poll.h>
#include <sys/time.h>

#include <array>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "base/text.h"
#include "core/packet/mqtt_topic.h"

namespace packwalk::rabbitmq {

struct Link::Handle {
  amqp_connection_state_t state = amqp_new_connection();
  std::string where;
};

void Link::CloseHandle::operator()(Handle* handle) const {
  amqp_destroy_connection(handle->state);
  delete handle;
}

namespace {

constexpr amqp_channel_t channel = 1;
constexpr int frame_bytes_max = 131'072;
constexpr timeval connect_timeout{5, 0};
constexpr timeval handshake_timeout{5, 0};
constexpr timeval answer_timeout{10, 0};
constexpr timeval goodbye_timeout{2, 0};
constexpr std::string_view timestamp_header = "timestamp_in_ms";

amqp_bytes_t bytes_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string text_of(amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

tl::unexpected<Error> broken(const std::string& what) { return fail(Errc::unavailable, "RabbitMQ: " + what); }

std::string reason_of(const amqp_method_t& method) {
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
    return text_of(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_text);
  }
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
    return text_of(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_text);
  }
  return "an answer that nobody expected";
}

tl::unexpected<Error> bad_url() {
  return fail(Errc::invalid_input, "queue.urls: each is amqp://user:password@host:port/vhost");
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

/// The arguments of a queue or an exchange, whose entries point into texts that live as long.
class Arguments {
 public:
  void add(const char* name, const char* text) {
    entry(name).kind = AMQP_FIELD_KIND_UTF8;
    entries_.back().value.value.bytes = amqp_cstring_bytes(text);
  }
  void add(const char* name, std::int64_t number) {
    entry(name).kind = AMQP_FIELD_KIND_I64;
    entries_.back().value.value.i64 = number;
  }
  amqp_table_t table() { return {static_cast<int>(entries_.size()), entries_.data()}; }

 private:
  amqp_field_value_t& entry(const char* name) {
    entries_.push_back({amqp_cstring_bytes(name), {}});
    return entries_.back().value;
  }
  std::vector<amqp_table_entry_t> entries_;
};

/// What stands under `name` in a table; nullptr when it is not there.
const amqp_field_value_t* value_in(const amqp_table_t& table, std::string_view name) {
  for (int i = 0; i < table.num_entries; ++i) {
    if (text_of(table.entries[i].key) == name) return &table.entries[i].value;
  }
  return nullptr;
}

/// 0 when it is no number.
std::int64_t number_of(const amqp_field_value_t* value) {
  if (!value) return 0;
  if (value->kind == AMQP_FIELD_KIND_I64 || value->kind == AMQP_FIELD_KIND_TIMESTAMP) return value->value.i64;
  return value->kind == AMQP_FIELD_KIND_I32 ? value->value.i32 : 0;
}

/// The last of an array, when it is an array of this kind.
const amqp_field_value_t* last_of(const amqp_field_value_t* value, std::uint8_t kind) {
  if (!value || value->kind != AMQP_FIELD_KIND_ARRAY || value->value.array.num_entries == 0) return nullptr;
  const amqp_field_value_t* last = &value->value.array.entries[value->value.array.num_entries - 1];
  return last->kind == kind ? last : nullptr;
}

/// Of a dead letter: where it was published before it died the first time, which the broker notes last.
void restore_origin(const amqp_table_t& headers, Delivered& delivered) {
  const amqp_field_value_t* death = last_of(value_in(headers, "x-death"), AMQP_FIELD_KIND_TABLE);
  if (!death) return;
  const amqp_field_value_t* exchange = value_in(death->value.table, "exchange");
  const amqp_field_value_t* key = last_of(value_in(death->value.table, "routing-keys"), AMQP_FIELD_KIND_UTF8);
  if (!exchange || exchange->kind != AMQP_FIELD_KIND_UTF8 || !key) return;
  delivered.exchange = text_of(exchange->value.bytes);
  delivered.routing_key = text_of(key->value.bytes);
}

/// Reads the content behind a method, which must be copied before: its bytes go with the next frame.
Result<Delivered> with_content(amqp_connection_state_t state, Delivered delivered) {
  amqp_message_t message{};
  if (auto read = outcome_of(amqp_read_message(state, channel, &message, 0)); !read) {
    return tl::unexpected(std::move(read.error()));
  }
  const amqp_basic_properties_t& properties = message.properties;
  if ((properties._flags & AMQP_BASIC_CONTENT_TYPE_FLAG) != 0) {
    delivered.content_type = text_of(properties.content_type);
  }
  if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
    delivered.timestamp_ms = number_of(value_in(properties.headers, timestamp_header));
    restore_origin(properties.headers, delivered);
  }
  delivered.body = text_of(message.body);
  amqp_destroy_message(&message);
  return delivered;
}

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

}  // namespace

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
  amqp_set_rpc_timeout(handle->state, &answer_timeout);
  amqp_set_handshake_timeout(handle->state, &handshake_timeout);
  if (const auto logged_in = log_in(handle->state, info, options.heartbeat); !logged_in) {
    return fail(Errc::unavailable, logged_in.error().detail + " at " + where + ": cannot log in");
  }
  amqp_channel_open(handle->state, channel);
  if (auto ready = outcome_of(amqp_get_rpc_reply(handle->state)); !ready) return tl::unexpected(ready.error());
  return Link(std::move(handle));
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

/// In an order in which nothing is lost meanwhile: who may publish already finds all that keeps it.
Result<void> Link::declare(const BrokerOptions& options) {
  const auto state = handle_->state;
  const auto declare_queue = [&](const std::string& name, Arguments& arguments) {
    amqp_queue_declare(state, channel, bytes_of(name), 0, 1, 0, 0, arguments.table());
    return outcome_of(amqp_get_rpc_reply(state));
  };
  const auto declare_exchange = [&](const std::string& name, Arguments& arguments) {
    amqp_exchange_declare(state, channel, bytes_of(name), bytes_of("topic"), 0, 1, 0, 0, arguments.table());
    return outcome_of(amqp_get_rpc_reply(state));
  };
  const auto bind_packets = [&](const std::string& queue, const std::string& exchange) {
    amqp_queue_bind(state, channel, bytes_of(queue), bytes_of(exchange), bytes_of(every_packets_key), amqp_empty_table);
    return outcome_of(amqp_get_rpc_reply(state));
  };
  const std::string dead = options.dead_queue();
  const std::string unrouted = options.unrouted_exchange();
  Arguments of_dead;
  of_dead.add("x-queue-type", "quorum");
  if (auto done = declare_queue(dead, of_dead); !done) return done;
  Arguments of_queue;
  of_queue.add("x-queue-type", "quorum");
  of_queue.add("x-overflow", "reject-publish");
  of_queue.add("x-max-length-bytes", options.queue_bytes_max);
  of_queue.add("x-delivery-limit", options.deliveries_max);
  of_queue.add("x-dead-letter-exchange", "");
  of_queue.add("x-dead-letter-routing-key", dead.c_str());
  of_queue.add("x-dead-letter-strategy", "at-least-once");
  if (auto done = declare_queue(options.queue, of_queue); !done) return done;
  Arguments of_unrouted;
  if (auto done = declare_exchange(unrouted, of_unrouted); !done) return done;
  if (auto done = bind_packets(dead, unrouted); !done) return done;
  Arguments of_exchange;
  of_exchange.add("alternate-exchange", unrouted.c_str());
  if (auto done = declare_exchange(options.mqtt_exchange(), of_exchange); !done) return done;
  return bind_packets(options.queue, options.mqtt_exchange());
}

Result<void> Link::confirm_publishes() {
  amqp_confirm_select(handle_->state, channel);
  return outcome_of(amqp_get_rpc_reply(handle_->state));
}

Result<void> Link::publish(const std::string& queue, std::string_view content_type, std::string_view body) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.content_type = bytes_of(content_type);
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  return outcome_of(amqp_basic_publish(handle_->state, channel, amqp_empty_bytes, bytes_of(queue), 1, 0, &properties,
                                       bytes_of(body)));
}

Result<void> Link::publish_again(const Delivered& message) {
  std::array headers = {amqp_table_entry_t{bytes_of(timestamp_header), {}}};
  headers[0].value.kind = AMQP_FIELD_KIND_I64;
  headers[0].value.value.i64 = message.timestamp_ms;
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.content_type = bytes_of(message.content_type);
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  if (message.timestamp_ms > 0) {
    properties._flags |= AMQP_BASIC_HEADERS_FLAG;
    properties.headers = {static_cast<int>(headers.size()), headers.data()};
  }
  auto sent = outcome_of(amqp_basic_publish(handle_->state, channel, bytes_of(message.exchange),
                                            bytes_of(message.routing_key), 1, 0, &properties, bytes_of(message.body)));
  if (!sent) return sent;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(answer_timeout.tv_sec);
  while (std::chrono::steady_clock::now() < until) {
    auto event = next_event();
    if (!event) return tl::unexpected(std::move(event.error()));
    if (*event && std::holds_alternative<Confirmed>(**event)) {
      return std::get<Confirmed>(**event).taken ? Result<void>() : Result<void>(broken("the queue is full"));
    }
    wait(-1, std::chrono::milliseconds(100));
  }
  return broken("it does not confirm");
}

Result<void> Link::try_publishing(const BrokerOptions& options) {
  constexpr amqp_boolean_t yes = 1;
  // A name of ours, for which a user has permissions, and of this link alone.
  const std::string queue = options.queue + ".trial." + std::to_string(std::random_device()());
  amqp_queue_declare(handle_->state, channel, bytes_of(queue), 0, 0, yes, yes, amqp_empty_table);
  if (auto done = outcome_of(amqp_get_rpc_reply(handle_->state)); !done) return done;
  if (auto ready = confirm_publishes(); !ready) return ready;
  return publish_again({.routing_key = queue});
}

Result<void> Link::consume(const std::string& queue, std::uint16_t unacknowledged_max) {
  const auto state = handle_->state;
  amqp_basic_qos(state, channel, 0, unacknowledged_max, 0);
  if (auto done = outcome_of(amqp_get_rpc_reply(state)); !done) return done;
  amqp_basic_consume(state, channel, bytes_of(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  return outcome_of(amqp_get_rpc_reply(state));
}

Result<std::optional<Delivered>> Link::get(const std::string& queue) {
  const auto state = handle_->state;
  const amqp_rpc_reply_t reply = amqp_basic_get(state, channel, bytes_of(queue), 0);
  if (auto done = outcome_of(reply); !done) return tl::unexpected(std::move(done.error()));
  if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return std::optional<Delivered>();
  const auto* got = static_cast<const amqp_basic_get_ok_t*>(reply.reply.decoded);
  auto delivered = with_content(state, {.tag = got->delivery_tag,
                                        .redelivered = got->redelivered != 0,
                                        .exchange = text_of(got->exchange),
                                        .routing_key = text_of(got->routing_key)});
  if (!delivered) return tl::unexpected(std::move(delivered.error()));
  amqp_maybe_release_buffers(state);
  return std::optional(*std::move(delivered));
}

Result<void> Link::acknowledge(std::uint64_t tag) {
  return outcome_of(amqp_basic_ack(handle_->state, channel, tag, 0));
}

Result<void> Link::acknowledge_up_to(std::uint64_t tag) {
  return outcome_of(amqp_basic_ack(handle_->state, channel, tag, 1));
}

Result<void> Link::reject(std::uint64_t tag) { return outcome_of(amqp_basic_reject(handle_->state, channel, tag, 0)); }

Result<Link> Link::open_any(const BrokerOptions& options) {
  Result<Link> link = open(options.urls.front(), options);
  for (std::size_t i = 1; !link && i < options.urls.size(); ++i) link = open(options.urls[i], options);
  return link;
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

Result<QueueCount> Link::count_in(const std::string& queue) {
  const auto* declared = amqp_queue_declare(handle_->state, channel, bytes_of(queue), 1, 0, 0, 0, amqp_empty_table);
  if (auto done = outcome_of(amqp_get_rpc_reply(handle_->state)); !done) return tl::unexpected(std::move(done.error()));
  return QueueCount{declared->message_count, declared->consumer_count};
}

Result<std::uint32_t> Link::purge(const std::string& queue) {
  const auto* purged = amqp_queue_purge(handle_->state, channel, bytes_of(queue));
  if (auto done = outcome_of(amqp_get_rpc_reply(handle_->state)); !done) return tl::unexpected(std::move(done.error()));
  return purged->message_count;
}

Result<std::optional<Event>> Link::next_event() {
  const auto state = handle_->state;
  while (true) {
    amqp_maybe_release_buffers(state);
    amqp_frame_t frame{};
    const timeval at_once{0, 0};
    const int status = amqp_simple_wait_frame_noblock(state, &frame, &at_once);
    if (status == AMQP_STATUS_TIMEOUT) return std::optional<Event>();
    if (auto done = outcome_of(status); !done) return tl::unexpected(std::move(done.error()));
    if (frame.frame_type != AMQP_FRAME_METHOD) continue;
    const amqp_method_t& method = frame.payload.method;
    if (method.id == AMQP_BASIC_ACK_METHOD) {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
      return std::optional<Event>(Confirmed{ack->delivery_tag, ack->multiple != 0, true});
    }
    if (method.id == AMQP_BASIC_NACK_METHOD) {
      const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
      return std::optional<Event>(Confirmed{nack->delivery_tag, nack->multiple != 0, false});
    }
    if (method.id == AMQP_CONNECTION_BLOCKED_METHOD) {
      const auto* blocked = static_cast<const amqp_connection_blocked_t*>(method.decoded);
      return std::optional<Event>(Blocked{true, text_of(blocked->reason)});
    }
    if (method.id == AMQP_CONNECTION_UNBLOCKED_METHOD) return std::optional<Event>(Blocked{});
    if (method.id == AMQP_BASIC_CANCEL_METHOD) return broken("the queue is gone");
    if (method.id != AMQP_BASIC_DELIVER_METHOD) return broken(reason_of(method));
    const auto* deliver = static_cast<const amqp_basic_deliver_t*>(method.decoded);
    auto delivered = with_content(state, {.tag = deliver->delivery_tag,
                                          .redelivered = deliver->redelivered != 0,
                                          .exchange = text_of(deliver->exchange),
                                          .routing_key = text_of(deliver->routing_key)});
    if (!delivered) return tl::unexpected(std::move(delivered.error()));
    return std::optional<Event>(*std::move(delivered));
  }
}

void Link::close() {
  amqp_set_rpc_timeout(handle_->state, &goodbye_timeout);
  amqp_connection_close(handle_->state, AMQP_REPLY_SUCCESS);
}

Result<void> Link::rest(int wake, std::chrono::milliseconds longest) {
  amqp_frame_t heartbeat{};
  heartbeat.frame_type = AMQP_FRAME_HEARTBEAT;
  if (auto sent = outcome_of(amqp_send_frame(handle_->state, &heartbeat)); !sent) return sent;
  pollfd file{wake, POLLIN, 0};
  ::poll(&file, 1, static_cast<int>(longest.count()));
  return {};
}

void Link::wait(int wake, std::chrono::milliseconds longest) {
  if (amqp_frames_enqueued(handle_->state) != 0 || amqp_data_in_buffer(handle_->state) != 0) return;
  std::array<pollfd, 2> files = {pollfd{amqp_get_sockfd(handle_->state), POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  ::poll(files.data(), files.size(), static_cast<int>(longest.count()));
}

}  // namespace packwalk::rabbitmq
