#include "adapters/redis/client.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <array>
#include <new>
#include <utility>

#include "base/text.h"

namespace packwalk::redis {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

constexpr std::size_t piece_bytes = 16'384;
constexpr std::size_t answer_bytes_max = 64UL * 1024 * 1024;

/// A command in Redis's protocol.
std::string encoded(const std::vector<std::string_view>& command) {
  std::string bytes = "*" + std::to_string(command.size()) + "\r\n";
  for (const std::string_view word : command) {
    bytes.append("$").append(std::to_string(word.size())).append("\r\n").append(word).append("\r\n");
  }
  return bytes;
}

/// The reply that the reader has parsed; empty if it needs more bytes.
Result<Reply> next_reply(redisReader& reader) {
  void* reply = nullptr;
  if (redisReaderGetReply(&reader, &reply) != REDIS_OK) {
    return fail(Errc::unavailable, std::string("Redis: ") + reader.errstr);
  }
  return Reply(static_cast<redisReply*>(reply));
}

std::string_view text_of(const redisReply& reply) {
  return reply.str ? std::string_view(reply.str, reply.len) : std::string_view();
}

void append_text(std::string& text, const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      append_number(text, static_cast<std::int64_t>(reply.integer));
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      text.append(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      for (std::size_t i = 0; i < reply.elements; ++i) {
        if (i > 0) text.push_back('\n');
        append_text(text, *reply.element[i]);
      }
      break;
    default:
      break;
  }
}

}  // namespace

Result<Address> address_from(std::string_view url, const std::string& ca_file) {
  const auto bad = [] {
    return fail(Errc::invalid_input,
                "the url of a Redis is not valid. Write it as redis://user:password@host:port, or rediss:// for TLS");
  };
  Address address;
  std::string_view rest = url;
  if (url.starts_with("rediss://")) {
    address.tls = true;
    address.ca_file = ca_file;
    rest.remove_prefix(std::string_view("rediss://").size());
  } else if (url.starts_with("redis://")) {
    rest.remove_prefix(std::string_view("redis://").size());
  } else {
    return bad();
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view who = rest.substr(0, at);
    const std::size_t colon = who.find(':');
    if (colon == std::string_view::npos) return bad();
    address.user = form_decoded(who.substr(0, colon));
    address.password = form_decoded(who.substr(colon + 1));
    rest.remove_prefix(at + 1);
  }
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    const auto port = number_from<std::uint16_t>(rest.substr(colon + 1));
    if (!port || *port == 0) return bad();
    address.port = *port;
    rest = rest.substr(0, colon);
  }
  if (rest.empty() || rest.find('/') != std::string_view::npos) return bad();
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  address.host = rest;
  return address;
}

void Client::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

Client::Client(Stream stream, std::chrono::milliseconds answer_max)
    : stream_(std::move(stream)), answer_max_(answer_max), reader_(redisReaderCreate()) {
  if (!reader_) throw std::bad_alloc();
}

Result<Client> Client::open(const Address& address, std::chrono::milliseconds answer_max) {
  const auto until = Stream::Clock::now() + answer_max;
  auto stream = Stream::connect(address, until);
  if (!stream) return stream.failure();
  Client client(*std::move(stream), answer_max);
  if (!address.password.empty()) {
    std::vector<std::string_view> auth = {"AUTH"};
    if (!address.user.empty()) auth.emplace_back(address.user);
    auth.emplace_back(address.password);
    if (auto done = client.ask_until(auth, until); !done) return done.failure();
  }
  return client;
}

Result<void> Client::run(const std::vector<std::string_view>& command) {
  if (auto answer = ask(command); !answer) return answer.failure();
  return {};
}

Result<std::string> Client::ask(const std::vector<std::string_view>& command) {
  return ask_until(command, Stream::Clock::now() + answer_max_);
}

Result<std::string> Client::ask_until(const std::vector<std::string_view>& command, Stream::Clock::time_point until) {
  if (auto written = stream_.write(encoded(command), until); !written) return written.failure();
  std::array<char, piece_bytes> piece;
  for (std::size_t bytes = 0; bytes < answer_bytes_max;) {
    auto reply = next_reply(*reader_);
    if (!reply) return reply.failure();
    if (*reply) {
      if ((*reply)->type == REDIS_REPLY_ERROR) {
        return fail(Errc::unavailable, "Redis: " + std::string(text_of(**reply)));
      }
      std::string text;
      append_text(text, **reply);
      return text;
    }
    const auto size = stream_.read(piece.data(), piece.size(), until);
    if (!size) return size.failure();
    if (*size == 0) return fail(Errc::unavailable, "Redis: it does not answer in time");
    redisReaderFeed(reader_.get(), piece.data(), *size);
    bytes += *size;
  }
  return fail(Errc::unavailable, "Redis: its answer is too large");
}

Result<void> Client::ping() { return stream_.write(encoded({"PING"}), Stream::Clock::now() + answer_max_); }

Result<Client::Heard> Client::heard(int wake, std::chrono::milliseconds longest) {
  Heard heard;
  if (!stream_.has_buffered()) {
    std::array<pollfd, 2> files = {pollfd{stream_.socket(), POLLIN, 0}, pollfd{wake, POLLIN, 0}};
    const int ready = ::poll(files.data(), files.size(), static_cast<int>(longest.count()));
    if (ready <= 0 || files[0].revents == 0) return heard;
  }
  std::array<char, piece_bytes> piece;
  const auto size = stream_.read(piece.data(), piece.size(), Stream::Clock::now());
  if (!size) return size.failure();
  redisReaderFeed(reader_.get(), piece.data(), *size);
  heard.lives = *size > 0;
  while (true) {
    auto reply = next_reply(*reader_);
    if (!reply) return reply.failure();
    if (!*reply) break;
    const redisReply& told = **reply;
    const bool is_message =
        told.type == REDIS_REPLY_ARRAY && told.elements == 3 && text_of(*told.element[0]) == "message";
    if (is_message) heard.payloads.emplace_back(text_of(*told.element[2]));
  }
  if (reader_->len > answer_bytes_max) return fail(Errc::unavailable, "Redis: a message is too large");
  return heard;
}

}  // namespace packwalk::redis
