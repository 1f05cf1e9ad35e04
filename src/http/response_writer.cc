#include "http/response_writer.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr int no_content = 204;
constexpr int not_modified = 304;
constexpr std::size_t copied_body_size_max = 4096;  // copying a larger body costs more than a second buffer

/// IMF-fixdate (RFC 9110 section 5.6.7), formatted once per second and thread.
std::string_view date_now() {
  thread_local std::time_t made_at = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_at = now;
  }
  return {text.data(), size};
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char byte) {
    return byte > ' ' && byte < 0x7f && std::string_view("\"(),/:;<=>?@[\\]{}").find(byte) == std::string_view::npos;
  });
}

/// CR and LF end a line. Other control characters may end one at a proxy.
bool is_field_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char byte) {
    const auto code = static_cast<unsigned char>(byte);
    return (code < ' ' && byte != '\t') || code == 0x7f;
  });
}

}  // namespace

std::string_view whole_body(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* file = std::get_if<StaticFile>(&response.body)) return *file->bytes;
  return {};
}

bool sends_body_apart(const Response& response, ResponseForm form) {
  if (form.head_only) return false;
  return std::holds_alternative<StreamedBody>(response.body) || whole_body(response).size() > copied_body_size_max;
}

bool write_response(std::string& output, const Response& response, ResponseForm form) {
  output.clear();
  if (!is_field_value(response.content_type)) return false;
  const bool is_streamed = std::holds_alternative<StreamedBody>(response.body);
  output.append("HTTP/1.1 ");
  append_number(output, std::int64_t{response.status});
  output.append(" ").append(reason_phrase(response.status)).append("\r\nServer: packwalk\r\nDate: ").append(date_now());
  if (!form.request_id.empty()) output.append("\r\nX-Request-Id: ").append(form.request_id);
  if (!response.content_type.empty()) output.append("\r\nContent-Type: ").append(response.content_type);
  if (!is_streamed && response.status != no_content && response.status != not_modified) {  // RFC 9110 section 8.6
    output.append("\r\nContent-Length: ");
    append_number(output, static_cast<std::int64_t>(whole_body(response).size()));
  } else if (is_streamed && !form.is_http_1_0) {
    output.append("\r\nTransfer-Encoding: chunked");
  }
  bool has_cache_control = false;
  for (const auto& [name, value] : response.headers) {
    if (!is_field_name(name) || !is_field_value(value)) return false;
    has_cache_control = has_cache_control || name == "Cache-Control";
    output.append("\r\n").append(name).append(": ").append(value);
  }
  // Positions of dogs reveal those of people: no cache on the way may store them.
  if (!has_cache_control) output.append("\r\nCache-Control: no-store");
  output.append("\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer");
  // HTTP/1.0 keeps a connection only if the response says so, too.
  const std::string_view kept = form.is_http_1_0 ? "\r\nConnection: keep-alive" : "";
  output.append(form.keep_alive ? kept : "\r\nConnection: close").append("\r\n\r\n");
  if (!form.head_only && !sends_body_apart(response, form)) output.append(whole_body(response));
  return true;
}

}  // namespace packwalk
