// A load generator: so many connections, each with one request under way, on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace packwalk::bench {

/// The bytes of the next request.
using NextRequest = std::function<void(std::string& request)>;

struct LoadPlan {
  std::size_t connections = 1;
  std::chrono::milliseconds duration{0};  // after a warm-up of a tenth of it
  double requests_per_second = 0;         // evenly; 0: as many as are answered
  std::uint64_t requests_max = std::numeric_limits<std::uint64_t>::max();
};

struct LoadResult {
  double requests_per_second = 0;  // that were answered 2xx, like the latencies of `duration`
  std::vector<double> latencies_ms;
  std::uint64_t failures = 0;  // answers that were not 2xx
  std::uint64_t answered = 0;  // 2xx from beginning to end
};

/// Sends to 127.0.0.1:`port`, and waits at the end until all is answered. Throws when a connection breaks.
LoadResult load(std::uint16_t port, const LoadPlan& plan, const NextRequest& next_request);

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

/// A figure of /metrics, without labels.
double metric(std::uint16_t port, const std::string& name);

std::string get_request(const std::string& target, const std::string& token);
std::string post_request(const std::string& token, const char* content_type, const std::string& body);

}  // namespace packwalk::bench
