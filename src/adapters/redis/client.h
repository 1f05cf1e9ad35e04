// A connection to Redis that sends commands: hiredis reads the answers, and a stream of ours carries them.
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

/// redis://[user:password@]host[:port], or rediss:// for TLS, where `ca_file` says whom to believe (empty: the system's
/// authorities). Errc::invalid_input without the password in it.
Result<Address> address_from(std::string_view url, const std::string& ca_file);

/// One thread. After an error it is of no use any more. Errors: Errc::unavailable.
class Client {
 public:
  /// `answer_max`: how long it, with the log-in, and each command take at most.
  static Result<Client> open(const Address& address, std::chrono::milliseconds answer_max = std::chrono::seconds(1));

  /// Sends a command and waits for its answer.
  Result<void> run(const std::vector<std::string_view>& command);

  /// The same, with its answer: a text, a number, or a list of them, a line each.
  Result<std::string> ask(const std::vector<std::string_view>& command);

  /// After SUBSCRIBE: asks for a sign of life, which heard() sees.
  Result<void> ping();

  struct Heard {
    std::vector<std::string> payloads;
    bool lives = false;  // something has come, if only an answer to ping()
  };
  /// After SUBSCRIBE: what has come, within `longest`, or as soon as `wake` (a descriptor) can be read.
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
