#include "adapters/redis/stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace packwalk::redis {
namespace {

using Clock = Stream::Clock;

constexpr std::size_t piece_bytes = 16'384;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
};
struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

Failure broken(const std::string& what) { return fail(Errc::unavailable, "Redis: " + what); }
Failure broken_by(int error) { return broken(std::generic_category().message(error)); }
Failure too_slow() { return broken("it does not answer in time"); }

/// Whether it happened before `until`.
bool wait_for(int socket, short what, Clock::time_point until) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd file{socket, what, 0};
    const int ready = ::poll(&file, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the next use reports the error
    if (left <= 0) return false;
  }
}

/// Connects to one of the addresses of a name.
Result<int> connect_to(const addrinfo& address, Clock::time_point until) {
  const int socket = ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return broken_by(errno);
  int error = ::connect(socket, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    error = ETIMEDOUT;
    if (wait_for(socket, POLLOUT, until)) ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) {
    ::close(socket);
    return broken_by(error);
  }
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return socket;
}

Result<int> connect_to(const Address& address, Clock::time_point until) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int looked_up = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &found);
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  if (looked_up != 0) return broken(std::string("the host cannot be resolved: ") + ::gai_strerror(looked_up));
  Result<int> socket = broken("the host has no address");
  for (const addrinfo* each = found; each && !socket; each = each->ai_next) socket = connect_to(*each, until);
  return socket;
}

bool is_ip_address(const std::string& host) {
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> bytes(::a2i_IPADDRESS(host.c_str()),
                                                                                    &ASN1_OCTET_STRING_free);
  return bytes != nullptr;
}

std::string tls_error(SSL* tls) {
  const long verdict = SSL_get_verify_result(tls);
  if (verdict != X509_V_OK) return std::string("its certificate: ") + X509_verify_cert_error_string(verdict);
  const unsigned long error = ERR_get_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return std::string("TLS: ") + (reason ? reason : "the connection ended");
}

}  // namespace

/// OpenSSL reads and writes memory, so that all waiting is ours and no call raises SIGPIPE.
struct Stream::Parts {
  explicit Parts(int to) : socket(to) {}
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() { ::close(socket); }

  Result<void> begin_tls(const Address& address, Clock::time_point until);
  Result<void> send(std::string_view bytes, Clock::time_point until) const;
  /// 0 if no data came in time.
  Result<std::size_t> receive(char* bytes, std::size_t size, Clock::time_point until) const;
  /// Sends the bytes that OpenSSL has written.
  Result<void> flush(Clock::time_point until);
  /// Reads more bytes for OpenSSL; false if none came in time.
  Result<bool> feed(Clock::time_point until);

  const int socket;
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::unique_ptr<SSL, FreeTls> tls;  // none: plain
};

void Stream::Close::operator()(Parts* parts) const { delete parts; }

Result<void> Stream::Parts::begin_tls(const Address& address, Clock::time_point until) {
  ERR_clear_error();
  context.reset(SSL_CTX_new(TLS_client_method()));
  if (!context) return broken("no memory for TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool believes = address.ca_file.empty()
                            ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                            : SSL_CTX_load_verify_locations(context.get(), address.ca_file.c_str(), nullptr) == 1;
  if (!believes) return broken("the CA bundle cannot be read: " + address.ca_file);
  tls.reset(SSL_new(context.get()));
  if (!tls) return broken("no memory for TLS");
  if (is_ip_address(address.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls.get()), address.host.c_str());
  } else {
    SSL_set1_host(tls.get(), address.host.c_str());
    SSL_set_tlsext_host_name(tls.get(), address.host.c_str());
  }
  SSL_set_bio(tls.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(tls.get());
  while (true) {
    ERR_clear_error();
    const int done = SSL_do_handshake(tls.get());
    if (auto flushed = flush(until); !flushed) return flushed;
    if (done == 1) return {};
    if (SSL_get_error(tls.get(), done) != SSL_ERROR_WANT_READ) return broken(tls_error(tls.get()));
    const auto fed = feed(until);
    if (!fed) return fed.failure();
    if (!*fed) return too_slow();
  }
}

Result<void> Stream::Parts::send(std::string_view bytes, Clock::time_point until) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(socket, POLLOUT, until)) return too_slow();
    } else if (errno != EINTR) {
      return broken_by(errno);
    }
  }
  return {};
}

Result<std::size_t> Stream::Parts::receive(char* bytes, std::size_t size, Clock::time_point until) const {
  while (true) {
    const ssize_t came = ::recv(socket, bytes, size, 0);
    if (came > 0) return static_cast<std::size_t>(came);
    if (came == 0) return broken("it has closed the connection");
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(socket, POLLIN, until)) return std::size_t{0};
    } else if (errno != EINTR) {
      return broken_by(errno);
    }
  }
}

Result<void> Stream::Parts::flush(Clock::time_point until) {
  std::array<char, piece_bytes> piece;
  while (true) {
    const int size = BIO_read(SSL_get_wbio(tls.get()), piece.data(), static_cast<int>(piece.size()));
    if (size <= 0) return {};
    if (auto sent = send({piece.data(), static_cast<std::size_t>(size)}, until); !sent) return sent;
  }
}

Result<bool> Stream::Parts::feed(Clock::time_point until) {
  std::array<char, piece_bytes> piece;
  const auto size = receive(piece.data(), piece.size(), until);
  if (!size) return size.failure();
  if (*size == 0) return false;
  const int taken = BIO_write(SSL_get_rbio(tls.get()), piece.data(), static_cast<int>(*size));
  if (taken != static_cast<int>(*size)) return broken("no memory for TLS");
  return true;
}

Result<Stream> Stream::connect(const Address& address, Clock::time_point until) {
  const auto socket = connect_to(address, until);
  if (!socket) return socket.failure();
  std::unique_ptr<Parts, Close> parts(new Parts(*socket));
  if (address.tls) {
    if (auto begun = parts->begin_tls(address, until); !begun) return begun.failure();
  }
  return Stream(std::move(parts));
}

Result<void> Stream::write(std::string_view bytes, Clock::time_point until) {
  if (!parts_->tls) return parts_->send(bytes, until);
  while (!bytes.empty()) {  // in pieces, because memory holds unsent bytes
    const std::string_view piece = bytes.substr(0, piece_bytes);
    ERR_clear_error();
    const int done = SSL_write(parts_->tls.get(), piece.data(), static_cast<int>(piece.size()));
    if (done <= 0) return broken(tls_error(parts_->tls.get()));
    bytes.remove_prefix(static_cast<std::size_t>(done));
    if (auto flushed = parts_->flush(until); !flushed) return flushed;
  }
  return {};
}

Result<std::size_t> Stream::read(char* bytes, std::size_t size, Clock::time_point until) {
  if (!parts_->tls) return parts_->receive(bytes, size, until);
  while (true) {
    ERR_clear_error();
    const int done = SSL_read(parts_->tls.get(), bytes, static_cast<int>(size));
    if (auto flushed = parts_->flush(until); !flushed) return flushed.failure();
    if (done > 0) return static_cast<std::size_t>(done);
    const int error = SSL_get_error(parts_->tls.get(), done);
    if (error == SSL_ERROR_ZERO_RETURN) return broken("it has closed the connection");
    if (error != SSL_ERROR_WANT_READ) return broken(tls_error(parts_->tls.get()));
    const auto fed = parts_->feed(until);
    if (!fed) return fed.failure();
    if (!*fed) return std::size_t{0};
  }
}

int Stream::socket() const { return parts_->socket; }
bool Stream::has_buffered() const { return parts_->tls && SSL_has_pending(parts_->tls.get()) == 1; }

}  // namespace packwalk::redis
