// A load generator: so many connections, each with one request under way, on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace packwalk::bench {

/// The bytes of the next request.
using NextRequest = std::function<void(std::string& request)>;

struct LoadResult {
  double requests_per_second = 0;  // that were answered 2xx
  std::vector<double> latencies_ms;
  std::uint64_t failures = 0;  // answers that were not 2xx
};

/// Sends to 127.0.0.1:`port` for `duration`, after a warm-up of a tenth of it. Throws when a connection breaks.
LoadResult load(std::uint16_t port, std::size_t connections, std::chrono::milliseconds duration,
                const NextRequest& next_request);

/// One blocking connection.
class BlockingClient {
 public:
  explicit BlockingClient(std::uint16_t port);
  ~BlockingClient();
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  /// The body of the answer. Throws when it is not 2xx.
  std::string exchange(const std::string& request);

 private:
  int socket_;
  std::string input_;
};

std::string get_request(const std::string& target, const std::string& token);
std::string post_request(const std::string& token, const char* content_type, const std::string& body);

}  // namespace packwalk::bench
