#include "adapters/clickhouse/client.h"

#include <algorithm>

#include "adapters/http_client/url_parts.h"

namespace packwalk::clickhouse {
namespace {

constexpr std::size_t error_bytes_max = 300;

/// The message of an error of ClickHouse: one line, without the stack trace.
std::string said(std::string_view body) {
  std::string text(body.substr(0, std::min(body.find('\n'), error_bytes_max)));
  if (const auto end = text.find(", e.what()"); end != std::string::npos) text.resize(end);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

Failure refusal(long status, std::string_view body) {
  const std::string what = "ClickHouse answers " + std::to_string(status) + ": " + said(body);
  if (body.starts_with("Code: 60,")) return fail(Errc::unavailable, what + ". Run `packwalk migrate`");
  return fail(Errc::unavailable, what);
}

}  // namespace

Result<std::unique_ptr<Client>> Client::from_url(const std::string& url, const std::string& ca_file) {
  UrlParts parts(url);
  const std::string scheme = parts.scheme();
  const std::string port = parts.port();
  const std::string user = parts.user();
  const std::string password = parts.password();
  const std::string path = parts.path();
  const std::string database = path.size() > 1 ? path.substr(1) : "default";
  if (!parts.is_good() || (scheme != "http" && scheme != "https") || !parts.query().empty() ||
      database.find('/') != std::string::npos) {
    return fail(Errc::invalid_input, "archive.url is not valid. Write it as http://user:password@host:port/database");
  }
  std::string target =
      scheme + "://" + parts.host() + (port.empty() ? "" : ":" + port) + "/?database=" + url_escaped(database);
  std::vector<std::string> headers = {"X-ClickHouse-User: " + (user.empty() ? "default" : user),
                                      "X-ClickHouse-Key: " + password, "Content-Type: application/octet-stream"};
  return std::unique_ptr<Client>(new Client(ca_file, std::move(target), std::move(headers)));
}

Result<std::string> Client::post(const std::string& query, std::string_view body, std::chrono::seconds timeout,
                                 std::size_t bytes_max) {
  const std::string url = url_ + query;
  auto answer =
      http_.post({.url = url, .headers = headers_, .body = body, .timeout = timeout, .answer_bytes_max = bytes_max});
  if (!answer) return fail(answer.error().code, "ClickHouse: " + answer.error().detail);
  if (answer->is_cut) return fail(Errc::too_large, "the answer of ClickHouse is too large");
  if (answer->status != 200) return refusal(answer->status, answer->body);
  return std::move(answer->body);
}

Result<std::string> Client::ask(std::string_view statement, std::chrono::seconds timeout, std::size_t bytes_max) {
  // Otherwise an error in the middle of an answer would have the status 200.
  return post("&wait_end_of_query=1", statement, timeout, bytes_max);
}

Result<void> Client::insert(std::string_view statement, std::string_view settings, std::string_view data,
                            std::chrono::seconds timeout) {
  std::string query(settings);
  query.append("&query=").append(url_escaped(statement));
  auto done = post(query, data, timeout, answer_bytes_max);
  if (!done) return done.failure();
  return {};
}

}  // namespace packwalk::clickhouse
