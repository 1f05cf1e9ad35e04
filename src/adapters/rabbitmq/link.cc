#include "adapters/rabbitmq/link.h"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "adapters/rabbitmq/link_handle.h"
#include "base/text.h"

namespace packwalk::rabbitmq {

void Link::CloseHandle::operator()(LinkHandle* handle) const { delete handle; }

namespace {

constexpr timeval connect_timeout{5, 0};
constexpr timeval handshake_timeout{5, 0};
constexpr std::chrono::seconds goodbye_max{2};
constexpr timeval goodbye_timeout{goodbye_max.count(), 0};

Failure bad_url() {
  return fail(Errc::invalid_input, "queue.urls has an invalid url. Write each as amqp://user:password@host:port/vhost");
}

/// Logs in as the user of the url, and enables notifications of cancelled consumers and blocked publishes.
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

Result<void> LinkHandle::make_room() const {
  const auto until = Clock::now() + answer_max;
  while (watch->room() == 0) {
    if (Clock::now() >= until) return broken("it does not read");
    pollfd file{amqp_get_sockfd(state), POLLOUT, 0};
    ::poll(&file, 1, static_cast<int>(std::chrono::milliseconds(answer_max).count()));
  }
  return {};
}

Result<Link> Link::open(const std::string& url, const BrokerOptions& options) {
  std::string parsed = url;  // parsed in place
  amqp_connection_info info{};
  if (amqp_parse_url(parsed.data(), &info) != AMQP_STATUS_OK) return bad_url();
  std::unique_ptr<LinkHandle, CloseHandle> handle(new LinkHandle());
  amqp_socket_t* socket = new_socket(handle->state, info.ssl != 0, options.ca_file);
  if (!socket) return broken("cannot create a TLS socket. Check queue.ca_file");
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
  // From here on, we send heartbeats: the library would block if the socket is full.
  handle->heartbeat = std::chrono::seconds(amqp_get_heartbeat(handle->state));
  amqp_tune_connection(handle->state, amqp_get_channel_max(handle->state), amqp_get_frame_max(handle->state), 0);
  amqp_channel_open(handle->state, channel);
  if (auto ready = outcome_of(amqp_get_rpc_reply(handle->state)); !ready) return ready.failure();
  handle->heard_at = LinkHandle::Clock::now();
  return Link(std::move(handle));
}

Result<Link> Link::open_any(const BrokerOptions& options) {
  assert(!options.urls.empty());
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

SocketWatch::Call Link::within(std::chrono::milliseconds longest) { return {*handle_->watch, longest}; }

bool Link::has_room() const { return handle_->watch->room() > 0; }
std::chrono::steady_clock::time_point Link::heard_at() const { return handle_->heard_at; }
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

void Link::close() {
  if (handle_->outgoing || !has_room()) return;
  const SocketWatch::Call call(*handle_->watch, goodbye_max + std::chrono::seconds(1));
  amqp_set_rpc_timeout(handle_->state, &goodbye_timeout);
  amqp_connection_close(handle_->state, AMQP_REPLY_SUCCESS);
}

Result<void> Link::beat() {
  const auto now = LinkHandle::Clock::now();
  if (handle_->heartbeat.count() == 0) return {};
  if (now - handle_->heard_at > 2 * handle_->heartbeat && !handle_->watch->has_something()) {
    return broken("nothing has come from it for " + std::to_string(2 * handle_->heartbeat.count()) + " s");
  }
  // A link that does not read expects no heartbeats.
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
  handle_->heard_at = LinkHandle::Clock::now();  // the loop was not reading
}

void Link::wait(int wake, std::chrono::milliseconds longest) {
  if (amqp_frames_enqueued(handle_->state) != 0 || amqp_data_in_buffer(handle_->state) != 0) return;
  const auto events = static_cast<short>(handle_->outgoing ? POLLIN | POLLOUT : POLLIN);
  std::array<pollfd, 2> files = {pollfd{amqp_get_sockfd(handle_->state), events, 0}, pollfd{wake, POLLIN, 0}};
  ::poll(files.data(), files.size(), static_cast<int>(longest.count()));
  if ((files[0].revents & POLLIN) != 0) handle_->heard_at = LinkHandle::Clock::now();
}

}  // namespace packwalk::rabbitmq
