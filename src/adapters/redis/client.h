// A connection to Redis. hiredis parses the replies, and our stream carries the bytes.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/stream.h"
#include "base/result.h"

struct redisReader;

namespace packwalk::redis {

/// redis://[user:password@]host[:port], or rediss:// for TLS with the CA bundle `ca_file` (empty: the system's).
/// Errc::invalid_input: the url is not valid; the error does not show the password.
Result<Address> address_from(std::string_view url, const std::string& ca_file);

/// One thread. After an error, it cannot be used. Errors: Errc::unavailable.
class Client {
 public:
  /// `answer_max` bounds connecting, with the log-in, and each command.
  static Result<Client> open(const Address& address, std::chrono::milliseconds answer_max = std::chrono::seconds(1));

  /// Sends a command and waits for its answer.
  Result<void> run(const std::vector<std::string_view>& command);

  /// The same, with its reply: a text, a number, or a list of them, one per line.
  Result<std::string> ask(const std::vector<std::string_view>& command);

  /// After SUBSCRIBE: sends a ping. heard() receives the reply.
  Result<void> ping();

  struct Heard {
    std::vector<std::string> payloads;
    bool lives = false;  // something has arrived, at least a reply to ping()
  };
  /// After SUBSCRIBE: the messages that arrive within `longest`, or until `wake` (a descriptor) is readable.
  Result<Heard> heard(int wake, std::chrono::milliseconds longest);

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  Client(Stream stream, std::chrono::milliseconds answer_max);
  Result<std::string> ask_until(const std::vector<std::string_view>& command, Stream::Clock::time_point until);

  Stream stream_;
  std::chrono::milliseconds answer_max_;
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace packwalk::redis
