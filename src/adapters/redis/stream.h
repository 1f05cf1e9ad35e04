// A connection to a Redis: bytes over TCP, in TLS when that is wanted.
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
  std::string ca_file;  // whom to believe with TLS; empty: the system's
};

/// One thread. Every call ends when its time has come. After an error it is of no use any more. Errors:
/// Errc::unavailable, which names no password.
class Stream {
 public:
  using Clock = std::chrono::steady_clock;

  /// Looking up the name of the host has the deadline of the system's resolver, all else is done at `until`. With TLS
  /// the server must have a certificate of the authority and for `host`.
  static Result<Stream> connect(const Address& address, Clock::time_point until);

  Result<void> write(std::string_view bytes, Clock::time_point until);
  /// At least one byte; 0 when none has come until then. A time that has passed: what is there already.
  Result<std::size_t> read(char* bytes, std::size_t size, Clock::time_point until);

  /// To wait for, before reading.
  int socket() const;
  /// Whether something can be read, though the socket has nothing.
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
