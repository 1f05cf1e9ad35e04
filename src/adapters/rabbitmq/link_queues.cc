// The operations of a link on queues: declare, count, read, purge.
#include <array>
#include <random>
#include <utility>
#include <vector>

#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/link_handle.h"
#include "adapters/rabbitmq/message_content.h"
#include "core/packet/mqtt_topic.h"

namespace packwalk::rabbitmq {
namespace {

constexpr std::chrono::seconds declare_max{15};  // for all declarations; may be repeated
constexpr std::chrono::seconds get_max{60};      // for a message of any size

/// The arguments of a queue or an exchange. The entries point into texts that must outlive them.
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

/// Reads the content after a method. Copy the method first: the next frame overwrites its bytes.
Result<Delivered> with_content(amqp_connection_state_t state, Delivered delivered) {
  amqp_message_t message{};
  if (auto read = outcome_of(amqp_read_message(state, channel, &message, 0)); !read) {
    return read.failure();
  }
  read_properties(message.properties, delivered);
  delivered.body = text_of(message.body);
  amqp_destroy_message(&message);
  return delivered;
}

}  // namespace

/// In an order that loses no message: when a client can publish, everything that stores its message exists.
Result<void> Link::declare(const BrokerOptions& options) {
  const auto state = handle_->state;
  if (auto room = handle_->make_room(); !room) return room;
  const SocketWatch::Call call(*handle_->watch, declare_max);
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
  if (auto room = handle_->make_room(); !room) return room;
  const SocketWatch::Call call(*handle_->watch, call_max);
  amqp_confirm_select(handle_->state, channel);
  return outcome_of(amqp_get_rpc_reply(handle_->state));
}

Result<void> Link::try_publishing(const BrokerOptions& options) {
  constexpr amqp_boolean_t yes = 1;
  // A name with our prefix, for which the user has permissions, and unique to this link.
  const std::string queue = options.queue + ".trial." + std::to_string(std::random_device()());
  if (auto room = handle_->make_room(); !room) return room;
  {
    const SocketWatch::Call call(*handle_->watch, call_max);
    amqp_queue_declare(handle_->state, channel, bytes_of(queue), 0, 0, yes, yes, amqp_empty_table);
    if (auto done = outcome_of(amqp_get_rpc_reply(handle_->state)); !done) return done;
  }
  if (auto ready = confirm_publishes(); !ready) return ready;
  return publish_again({.routing_key = queue});
}

Result<void> Link::consume(const std::string& queue, std::uint16_t unacknowledged_max) {
  const auto state = handle_->state;
  if (auto room = handle_->make_room(); !room) return room;
  const SocketWatch::Call call(*handle_->watch, 2 * call_max);
  amqp_basic_qos(state, channel, 0, unacknowledged_max, 0);
  if (auto done = outcome_of(amqp_get_rpc_reply(state)); !done) return done;
  amqp_basic_consume(state, channel, bytes_of(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  return outcome_of(amqp_get_rpc_reply(state));
}

Result<std::optional<Delivered>> Link::get(const std::string& queue) {
  const auto state = handle_->state;
  if (auto room = handle_->make_room(); !room) return room.failure();
  const SocketWatch::Call call(*handle_->watch, get_max);
  const amqp_rpc_reply_t reply = amqp_basic_get(state, channel, bytes_of(queue), 0);
  if (auto done = outcome_of(reply); !done) return done.failure();
  if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return std::optional<Delivered>();
  const auto* got = static_cast<const amqp_basic_get_ok_t*>(reply.reply.decoded);
  auto delivered = with_content(state, {.tag = got->delivery_tag,
                                        .redelivered = got->redelivered != 0,
                                        .exchange = text_of(got->exchange),
                                        .routing_key = text_of(got->routing_key)});
  if (!delivered) return delivered.failure();
  amqp_maybe_release_buffers(state);
  return std::optional(*std::move(delivered));
}

Result<QueueCount> Link::count_in(const std::string& queue) {
  if (auto room = handle_->make_room(); !room) return room.failure();
  const SocketWatch::Call call(*handle_->watch, call_max);
  const auto* declared = amqp_queue_declare(handle_->state, channel, bytes_of(queue), 1, 0, 0, 0, amqp_empty_table);
  if (auto done = outcome_of(amqp_get_rpc_reply(handle_->state)); !done) return done.failure();
  return QueueCount{declared->message_count, declared->consumer_count};
}

Result<std::uint32_t> Link::purge(const std::string& queue) {
  if (auto room = handle_->make_room(); !room) return room.failure();
  const SocketWatch::Call call(*handle_->watch, call_max);
  const auto* purged = amqp_queue_purge(handle_->state, channel, bytes_of(queue));
  if (auto done = outcome_of(amqp_get_rpc_reply(handle_->state)); !done) return done.failure();
  return purged->message_count;
}

}  // namespace packwalk::rabbitmq
