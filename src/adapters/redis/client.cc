#include "adapters/redis/client.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <array>
#include <utility>

#include "base/text.h"

namespace packwalk::redis {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

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

Result<Address> address_from(std::string_view url) {
  constexpr std::string_view scheme = "redis://";
  const auto bad = [] { return fail(Errc::invalid_input, "the url of a Redis is redis://user:password@host:port"); };
  if (!url.starts_with(scheme)) return bad();
  std::string_view rest = url.substr(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  Address address;
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

void Client::Free::operator()(redisContext* context) const { redisFree(context); }

Result<Client> Client::open(const Address& address, std::chrono::milliseconds answer_max) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(answer_max);
  const timeval answer_timeout{seconds.count(), std::chrono::microseconds(answer_max - seconds).count()};
  std::unique_ptr<redisContext, Free> context(
      redisConnectWithTimeout(address.host.c_str(), address.port, answer_timeout));
  if (!context) return fail(Errc::unavailable, "Redis: no memory");
  Client client(std::move(context));
  if (client.context_->err != 0) return client.failure();
  redisSetTimeout(client.context_.get(), answer_timeout);
  if (!address.password.empty()) {
    std::vector<std::string_view> auth = {"AUTH"};
    if (!address.user.empty()) auth.emplace_back(address.user);
    auth.emplace_back(address.password);
    if (auto done = client.run(auth); !done) return tl::unexpected(std::move(done.error()));
  }
  return client;
}

Result<void> Client::run(const std::vector<std::string_view>& command) {
  if (auto answer = ask(command); !answer) return tl::unexpected(std::move(answer.error()));
  return {};
}

Result<std::string> Client::ask(const std::vector<std::string_view>& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  const Reply reply(static_cast<redisReply*>(
      redisCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(), sizes.data())));
  if (!reply) return failure();
  if (reply->type == REDIS_REPLY_ERROR) return fail(Errc::unavailable, "Redis: " + std::string(reply->str, reply->len));
  std::string text;
  append_text(text, *reply);
  return text;
}

Result<std::vector<std::string>> Client::heard(int wake, std::chrono::milliseconds longest) {
  std::array<pollfd, 2> files = {pollfd{context_->fd, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  std::vector<std::string> payloads;
  if (::poll(files.data(), files.size(), static_cast<int>(longest.count())) <= 0 || files[0].revents == 0) {
    return payloads;
  }
  if (redisBufferRead(context_.get()) != REDIS_OK) return failure();
  while (true) {
    void* raw = nullptr;
    if (redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) return failure();
    const Reply reply(static_cast<redisReply*>(raw));
    if (!reply) return payloads;
    const bool is_message = reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
                            std::string_view(reply->element[0]->str, reply->element[0]->len) == "message";
    if (is_message) payloads.emplace_back(reply->element[2]->str, reply->element[2]->len);
  }
}

tl::unexpected<Error> Client::failure() const {
  return fail(Errc::unavailable, std::string("Redis: ") + context_->errstr);
}

}  // namespace packwalk::redis
