// A connection to Redis, over hiredis.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct redisContext;

namespace packwalk::redis {

struct Address {
  std::string host;
  std::uint16_t port = 6379;
  std::string user;
  std::string password;
};

/// redis://[user:password@]host[:port]; Errc::invalid_input without the password in it.
Result<Address> address_from(std::string_view url);

/// One thread. After an error it is of no use any more. Errors: Errc::unavailable.
class Client {
 public:
  /// `answer_max`: how long it and each command wait.
  static Result<Client> open(const Address& address, std::chrono::milliseconds answer_max = std::chrono::seconds(1));

  /// Sends a command and waits for its answer.
  Result<void> run(const std::vector<std::string_view>& command);

  /// The same, with its answer: a text, a number, or a list of them, a line each.
  Result<std::string> ask(const std::vector<std::string_view>& command);

  /// After SUBSCRIBE: the payloads that have come, within `longest`, or as soon as `wake` (a descriptor) can be read.
  Result<std::vector<std::string>> heard(int wake, std::chrono::milliseconds longest);

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  explicit Client(std::unique_ptr<redisContext, Free> context) : context_(std::move(context)) {}
  tl::unexpected<Error> failure() const;

  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace packwalk::redis
