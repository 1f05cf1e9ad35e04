#include "packwalk/configuration/http_section.h"

#include <algorithm>
#include <thread>

#include "packwalk/configuration/listen_address.h"
#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {
namespace {

constexpr std::int64_t header_bytes_greatest = 65'000;

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
      {"listen",
       "Address and port. Port 0 picks a free one, which then stands in the file `listen` of the data folder.",
       "\"127.0.0.1:8080\"", set_address},
      Of::number("threads", "Threads that serve requests. 0: one for each core of the machine.", 0, 256,
                 &HttpSection::threads),
      Of::number("connections_max", "Connections at once; more are closed at once.", 1, giga,
                 &HttpSection::connections_max),
      Of::number(
          "address_connections_max",
          "Connections at once from one IPv4 address or IPv6 /64. 0: half of connections_max. Behind a proxy, all "
          "connections come from its address: then set it to connections_max, and let the proxy limit its callers.",
          0, giga, &HttpSection::address_connections_max),
      Of::number("header_bytes_max", "Bytes of a request's header; more are answered 431.", 1024, header_bytes_greatest,
                 &HttpSection::header_bytes_max),
      Of::number("body_bytes_max",
                 "Bytes of a request's body; more are answered 413. For phones see http.unpacked_bytes_max.", 1024,
                 giga, &HttpSection::body_bytes_max),
      Of::number("bodies_bytes_max",
                 "Bytes of all requests under way, without the first few KiB of each; more are answered 503. One "
                 "address gets half, unless address_connections_max lets it have all connections. The last quarter is "
                 "for devices and addresses that have little under way, such as one body of 64 KiB.",
                 64L * 1024, 64 * giga, &HttpSection::bodies_bytes_max),
      Of::number("responses_bytes_max",
                 "Bytes of all responses that are not sent yet, without the first few KiB of each; more are answered "
                 "503. One address gets half, or one response that is larger, unless address_connections_max lets it "
                 "have all connections.",
                 64L * 1024, 64 * giga, &HttpSection::responses_bytes_max),
      Of::number("unpacked_bytes_max",
                 "Bytes of a gzip body when it is unpacked, and of any body of a phone that shows its token in the URL "
                 "or the header; more are answered 413.",
                 1024, giga, &HttpSection::unpacked_bytes_max),
      Of::seconds("request_seconds_max",
                  "Seconds from a request's first byte to its last, and for each 64 KiB of a known device's body; then "
                  "the connection is closed.",
                  1, 3600, &HttpSection::request_timeout),
      Of::seconds("idle_seconds_max", "Seconds that a connection may be idle between requests.", 1, 86'400,
                  &HttpSection::idle_timeout),
      Of::seconds(
          "first_byte_seconds_max",
          "Seconds until the first byte of a new connection, while more than half of connections_max are in use.", 1,
          3600, &HttpSection::first_byte_timeout),
      Of::seconds("write_seconds_max",
                  "Seconds that the other side may take to read a response, or each 64 KiB of a large one.", 1, 3600,
                  &HttpSection::write_timeout),
      {"allow_origins",
       "Web pages of other origins that may read answers (CORS): https://map.example, several with commas between, or "
       "* "
       "for all. Empty: none.",
       "\"\"", set_allow_origins},
      Of::number("failed_log_ins_max",
                 "Requests with unknown tokens per minute from one IPv4 address or IPv6 /64; more are answered 429. "
                 "Requests with known tokens are not affected. 0: any number.",
                 0, giga, &HttpSection::failed_log_ins_max),
      Of::number("query_threads",
                 "Threads that read the database for the questions of one caller; one more is there for the others.", 1,
                 256, &HttpSection::query_threads),
      Of::number("queries_max",
                 "Questions that may run or wait at once, half of them of one caller; more are answered 503.", 1, giga,
                 &HttpSection::queries_max),
      Of::seconds("query_seconds_max", "Seconds from a question's arrival to its answer; then it is answered 503.", 1,
                  3600, &HttpSection::query_max),
  };
}

void finish(HttpSection& http) {
  if (http.threads == 0) http.threads = std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace packwalk
