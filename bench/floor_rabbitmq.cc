#include "floor_rabbitmq.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <thread>

#include "figures.h"

namespace packwalk::bench {
namespace {

constexpr std::uint64_t on_their_way_max = 1'000;
constexpr std::uint64_t acknowledged_together = 100;

void check(int status) {
  if (status != AMQP_STATUS_OK) throw std::runtime_error(std::string("RabbitMQ: ") + amqp_error_string2(status));
}

/// One connection with channel 1.
class BareLink {
 public:
  explicit BareLink(std::string url) : state_(amqp_new_connection()) {
    amqp_connection_info info{};
    check(amqp_parse_url(url.data(), &info));
    check(amqp_socket_open(amqp_tcp_socket_new(state_), info.host, info.port));
    if (amqp_login(state_, info.vhost, 0, 131'072, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password).reply_type !=
        AMQP_RESPONSE_NORMAL) {
      throw std::runtime_error("RabbitMQ: cannot log in");
    }
    amqp_channel_open(state_, 1);
    answered();
  }
  BareLink(const BareLink&) = delete;
  BareLink& operator=(const BareLink&) = delete;
  ~BareLink() { amqp_destroy_connection(state_); }

  amqp_connection_state_t state() const { return state_; }

  void answered() {
    if (amqp_get_rpc_reply(state_).reply_type != AMQP_RESPONSE_NORMAL) throw std::runtime_error("RabbitMQ refuses");
  }

  void declare(const std::string& queue) {
    amqp_table_entry_t quorum{amqp_cstring_bytes("x-queue-type"), {}};
    quorum.value.kind = AMQP_FIELD_KIND_UTF8;
    quorum.value.value.bytes = amqp_cstring_bytes("quorum");
    amqp_queue_declare(state_, 1, amqp_cstring_bytes(queue.c_str()), 0, 1, 0, 0, {1, &quorum});
    answered();
  }

  void remove(const std::string& queue) {
    amqp_queue_delete(state_, 1, amqp_cstring_bytes(queue.c_str()), 0, 0);
    answered();
  }

  /// How many messages the next frame, for which it waits, confirms.
  std::uint64_t confirmed(std::uint64_t before) {
    amqp_maybe_release_buffers(state_);
    amqp_frame_t frame{};
    check(amqp_simple_wait_frame(state_, &frame));
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
      throw std::runtime_error("RabbitMQ does not confirm");
    }
    const auto* ack = static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
    return ack->multiple != 0 ? ack->delivery_tag - before : 1;
  }

 private:
  amqp_connection_state_t state_;
};

/// Counts those that are confirmed one by one and those up to a number alike: in the end all are.
std::uint64_t publish(const std::string& url, const std::string& queue, std::size_t bytes, double seconds) {
  BareLink link(url);
  amqp_confirm_select(link.state(), 1);
  link.answered();
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  const std::string body(bytes, 'p');
  std::uint64_t published = 0;
  std::uint64_t confirmed = 0;
  for (const auto started = Clock::now(); seconds_since(started) < seconds;) {
    while (published - confirmed < on_their_way_max) {
      check(amqp_basic_publish(link.state(), 1, amqp_empty_bytes, amqp_cstring_bytes(queue.c_str()), 1, 0, &properties,
                               {body.size(), const_cast<char*>(body.data())}));
      ++published;
    }
    confirmed += link.confirmed(confirmed);
  }
  while (confirmed < published) confirmed += link.confirmed(confirmed);
  return published;
}

/// Until as many as `wanted`, which is 0 as long as nobody knows, have come.
void consume(BareLink& link, const std::string& queue, const std::atomic<std::uint64_t>& wanted) {
  amqp_basic_qos(link.state(), 1, 0, on_their_way_max, 0);
  link.answered();
  amqp_basic_consume(link.state(), 1, amqp_cstring_bytes(queue.c_str()), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  link.answered();
  for (std::uint64_t taken = 0; wanted == 0 || taken < wanted;) {
    amqp_maybe_release_buffers(link.state());
    amqp_envelope_t envelope{};
    const timeval patience{0, 50'000};
    if (amqp_consume_message(link.state(), &envelope, &patience, 0).reply_type != AMQP_RESPONSE_NORMAL) continue;
    ++taken;
    if (taken % acknowledged_together == 0) amqp_basic_ack(link.state(), 1, envelope.delivery_tag, 1);
    amqp_destroy_envelope(&envelope);
  }
}

}  // namespace

double bare_rabbitmq_rate(const std::string& url, const std::string& queue, std::size_t message_bytes, double seconds) {
  BareLink link(url);
  link.declare(queue);
  std::atomic<std::uint64_t> wanted = 0;
  const auto started = Clock::now();
  std::thread consumer([&] { consume(link, queue, wanted); });
  wanted = publish(url, queue, message_bytes, seconds);
  consumer.join();
  const double rate = static_cast<double>(wanted) / seconds_since(started);
  link.remove(queue);
  return rate;
}

}  // namespace packwalk::bench
