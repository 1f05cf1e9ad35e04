#include "packwalk/configuration/http_section.h"

#include <algorithm>
#include <thread>

#include "packwalk/configuration/listen_address.h"
#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {
namespace {

constexpr std::int64_t header_bytes_greatest = 65'000;
constexpr std::int64_t responses_bytes_least = 32L * 1024 * 1024;  // more than the largest answer of the API

Result<void> set_allow_origins(HttpSection& http, const std::string& text) {
  auto origins = AllowedOrigins::from_text(text);
  if (!origins) return origins.failure();
  http.allow_origins = *std::move(origins);
  return {};
}

}  // namespace

std::vector<Setting<HttpSection>> http_settings() {
  using Of = SettingsOf<HttpSection>;
  return {
      {"listen", "Address and port. Port 0 picks a free port and writes it into the file `listen` of the data folder.",
       "\"127.0.0.1:8080\"", set_address<HttpSection>},
      Of::number("threads", "Threads that serve requests. 0: one per core of the machine.", 0, 256,
                 &HttpSection::threads),
      Of::number("connections_max",
                 "Open connections. For a further connection, the server ends an idle one; if there is none, it closes "
                 "the new one.",
                 1, giga, &HttpSection::connections_max),
      Of::number("address_connections_max",
                 "Open connections per IPv4 address or IPv6 /64. 0: half of connections_max. Behind a proxy, all "
                 "connections come from one address: set this to connections_max, and limit the clients at the proxy.",
                 0, giga, &HttpSection::address_connections_max),
      Of::number("header_bytes_max", "Bytes of a request's header. A larger one is answered 431.", 1024,
                 header_bytes_greatest, &HttpSection::header_bytes_max),
      Of::number("body_bytes_max",
                 "Bytes of a request's body. A larger one is answered 413. For phones, see http.unpacked_bytes_max.",
                 1024, giga, &HttpSection::body_bytes_max),
      Of::number("bodies_bytes_max",
                 "Bytes of all requests that the server is receiving or handling, without the first few KiB of each. "
                 "Requests beyond this limit are answered 503. One address gets half, unless address_connections_max "
                 "allows it all connections. The last quarter is reserved for devices and addresses that use little, "
                 "such as one body of 64 KiB.",
                 64L * 1024, 64 * giga, &HttpSection::bodies_bytes_max),
      Of::number("responses_bytes_max",
                 "Bytes of all responses that are not sent yet, without the first few KiB of each. Requests beyond "
                 "this limit are answered 503. One address gets half, or one larger response, unless "
                 "address_connections_max allows it all connections.",
                 responses_bytes_least, 64 * giga, &HttpSection::responses_bytes_max),
      Of::number("unpacked_bytes_max",
                 "Bytes of an unpacked gzip body, and of any body from a phone that sends its token in the URL or the "
                 "header. A larger one is answered 413.",
                 1024, giga, &HttpSection::unpacked_bytes_max),
      Of::seconds("request_seconds_max",
                  "Seconds from the first to the last byte of a request, or per 64 KiB of a known device's body. If a "
                  "request takes longer, the server closes the connection.",
                  1, 3600, &HttpSection::request_timeout),
      Of::seconds("idle_seconds_max", "Seconds that a connection may be idle between requests.", 1, 86'400,
                  &HttpSection::idle_timeout),
      Of::seconds("first_byte_seconds_max",
                  "Seconds until the first byte of a new connection, if more than half of connections_max are in use.",
                  1, 3600, &HttpSection::first_byte_timeout),
      Of::seconds("write_seconds_max",
                  "Seconds in which the client must read a response, or each 64 KiB of a large one.", 1, 3600,
                  &HttpSection::write_timeout),
      {"allow_origins",
       "Origins whose web pages may read responses (CORS): https://map.example, several separated by commas, or * for "
       "all. Empty: no origin.",
       "\"\"", set_allow_origins},
      Of::number("failed_log_ins_max",
                 "Requests with unknown tokens per minute from one IPv4 address or IPv6 /64. More are answered 429. "
                 "Requests with known tokens are not affected. 0: no limit.",
                 0, giga, &HttpSection::failed_log_ins_max),
      Of::number("query_threads",
                 "Threads that run the queries of one caller. One more thread serves the other callers.", 1, 256,
                 &HttpSection::query_threads),
      Of::number("queries_max",
                 "Queries that run or wait, at most half of them from one caller. More are answered 503.", 1, giga,
                 &HttpSection::queries_max),
      Of::seconds("query_seconds_max",
                  "Seconds from the arrival of a query to its answer. A query that takes longer is answered 503.", 1,
                  3600, &HttpSection::query_max),
  };
}

void finish(HttpSection& http) {
  if (http.threads == 0) http.threads = std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace packwalk
