// The operations of a link on messages: publish, receive, acknowledge, reject.
#include <cassert>
#include <chrono>
#include <utility>
#include <variant>

#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/link_handle.h"

namespace packwalk::rabbitmq {

Result<void> Link::publish(const std::string& queue, std::string_view content_type, std::string body) {
  assert(!has_unsent());
  handle_->outgoing =
      Outgoing{.routing_key = queue, .content_type = std::string(content_type), .body = std::move(body)};
  return send_rest();
}

Result<void> Link::publish_nowhere(const std::string& name) {
  assert(!has_unsent());
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

Result<void> Link::publish_again(const Delivered& message) {
  handle_->outgoing = Outgoing{.exchange = message.exchange,
                               .routing_key = message.routing_key,
                               .content_type = message.content_type,
                               .body = message.body,
                               .timestamp_ms = message.timestamp_ms};
  std::size_t sent = 0;
  for (auto until = LinkHandle::Clock::now() + answer_max; LinkHandle::Clock::now() < until;) {
    if (auto more = send_rest(); !more) return more;
    if (handle_->outgoing && handle_->outgoing->sent > sent) {
      sent = handle_->outgoing->sent;
      until = LinkHandle::Clock::now() + answer_max;
    }
    auto event = next_event();
    if (!event) return event.failure();
    if (const auto* blocked = *event ? std::get_if<Blocked>(&**event) : nullptr; blocked && blocked->blocked) {
      return broken("it accepts no messages: " + blocked->reason);
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
    handle_->heard_at = LinkHandle::Clock::now();
    auto event = take_frame(handle_->incoming, frame);
    if (!event || *event) return event;
  }
}

}  // namespace packwalk::rabbitmq
