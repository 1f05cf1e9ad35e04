// A connection to Redis: bytes over TCP, optionally with TLS.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk::redis {

struct Address {
  std::string host;
  std::uint16_t port = 6379;
  std::string user;
  std::string password;
  bool tls = false;
  std::string ca_file;  // CA bundle for TLS; empty: the system's
};

/// One thread. Every call has a deadline. After an error, it cannot be used. Errors: Errc::unavailable, without
/// passwords.
class Stream {
 public:
  using Clock = std::chrono::steady_clock;

  /// Connects by `until`, except that the system's resolver has its own timeout. With TLS, the server needs a
  /// certificate of the CA bundle for `host`.
  static Result<Stream> connect(const Address& address, Clock::time_point until);

  Result<void> write(std::string_view bytes, Clock::time_point until);
  /// Reads at least one byte; 0 if none arrives until then. With a time in the past, reads only available bytes.
  Result<std::size_t> read(char* bytes, std::size_t size, Clock::time_point until);

  /// The descriptor to poll before reading.
  int socket() const;
  /// Whether buffered bytes can be read although the socket has none.
  bool has_buffered() const;

 private:
  struct Parts;
  struct Close {
    void operator()(Parts* parts) const;
  };
  explicit Stream(std::unique_ptr<Parts, Close> parts) : parts_(std::move(parts)) {}

  std::unique_ptr<Parts, Close> parts_;
};

}  // namespace packwalk::redis
