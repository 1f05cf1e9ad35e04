#include "adapters/clickhouse/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/work_limits.h"

namespace packwalk::clickhouse {
namespace {

constexpr long connect_seconds = 5;
constexpr std::size_t error_bytes_max = 300;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};
struct FreeHeaders {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

/// The parts of a url, "" for one that is not there.
class UrlParts {
 public:
  explicit UrlParts(const std::string& text) : url_(curl_url()) {
    good_ = url_ && curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  }

  /// Escapes are read where `flags` say so; one of a control character makes the url a bad one.
  std::string part(CURLUPart part, unsigned int flags = 0) {
    char* raw = nullptr;
    const CURLUcode code = good_ ? curl_url_get(url_.get(), part, &raw, flags) : CURLUE_OK;
    const std::unique_ptr<char, FreeText> text(raw);
    if (code == CURLUE_URLDECODE) good_ = false;
    return text ? text.get() : "";
  }
  bool is_good() const { return good_; }

 private:
  Url url_;
  bool good_ = false;
};

std::string escaped(std::string_view text) {
  const std::unique_ptr<char, FreeText> made(curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
  if (!made) throw std::bad_alloc();
  return made.get();
}

struct Received {
  std::size_t bytes_max = 0;
  std::string bytes;
  bool too_large = false;
};

std::size_t take_bytes(const char* data, std::size_t, std::size_t size, void* user) {
  auto& received = *static_cast<Received*>(user);
  if (received.bytes.size() + size > received.bytes_max) {
    received.too_large = true;
    return 0;
  }
  received.bytes.append(data, size);
  return size;
}

/// libcurl asks some times a second.
int ends_with_work(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return work_must_end() ? 1 : 0; }

/// What ClickHouse says of an error: a line, without the trace behind it.
std::string said(std::string_view body) {
  std::string text(body.substr(0, std::min(body.find('\n'), error_bytes_max)));
  if (const auto end = text.find(", e.what()"); end != std::string::npos) text.resize(end);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

Failure refusal(long status, std::string_view body) {
  const std::string what = "ClickHouse answers " + std::to_string(status) + ": " + said(body);
  if (body.starts_with("Code: 60,")) return fail(Errc::unavailable, what + ": run `packwalk migrate`");
  return fail(Errc::unavailable, what);
}

}  // namespace

/// Where and as whom every request goes.
struct Client::Target {
  std::string url;  // without user and password
  std::string ca_file;
  Headers headers;
};

struct Client::Handle {
  Handle() : curl(curl_easy_init()) {
    if (!curl) throw std::runtime_error("libcurl gives no handle");
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { curl_easy_cleanup(curl); }

  CURL* curl;
  std::array<char, CURL_ERROR_SIZE> error{};
};

Client::Client(std::unique_ptr<Target> target) : target_(std::move(target)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::from_url(const std::string& url, const std::string& ca_file) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return fail(Errc::unavailable, "libcurl cannot be used");
  UrlParts parts(url);
  const std::string scheme = parts.part(CURLUPART_SCHEME);
  const std::string host = parts.part(CURLUPART_HOST);
  const std::string port = parts.part(CURLUPART_PORT);
  const std::string user = parts.part(CURLUPART_USER, CURLU_URLDECODE);
  const std::string password = parts.part(CURLUPART_PASSWORD, CURLU_URLDECODE);
  const std::string path = parts.part(CURLUPART_PATH, CURLU_URLDECODE);
  const std::string database = path.size() > 1 ? path.substr(1) : "default";
  if (!parts.is_good() || (scheme != "http" && scheme != "https") || !parts.part(CURLUPART_QUERY).empty() ||
      database.find('/') != std::string::npos) {
    return fail(Errc::invalid_input,
                "the archive's url is none that ClickHouse can have: http://user:password@host:port/database");
  }
  auto target = std::make_unique<Target>();
  target->url = scheme + "://" + host + (port.empty() ? "" : ":" + port) + "/?database=" + escaped(database);
  target->ca_file = ca_file;
  // No Expect: ClickHouse would have to say `continue` before each batch.
  for (const std::string& header :
       {"X-ClickHouse-User: " + (user.empty() ? "default" : user), "X-ClickHouse-Key: " + password,
        std::string("Expect:"), std::string("Content-Type: application/octet-stream")}) {
    curl_slist* more = curl_slist_append(target->headers.get(), header.c_str());
    if (!more) throw std::bad_alloc();
    static_cast<void>(target->headers.release());
    target->headers.reset(more);
  }
  return std::unique_ptr<Client>(new Client(std::move(target)));
}

std::unique_ptr<Client::Handle> Client::idle_handle() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  auto handle = std::make_unique<Handle>();
  const auto set = [&](CURLoption option, auto value) {
    if (curl_easy_setopt(handle->curl, option, value) != CURLE_OK)
      throw std::runtime_error("libcurl refuses an option");
  };
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_TCP_KEEPIDLE, 10L);
  set(CURLOPT_TCP_KEEPINTVL, 5L);
  set(CURLOPT_POST, 1L);
  set(CURLOPT_HTTPHEADER, target_->headers.get());
  set(CURLOPT_WRITEFUNCTION, take_bytes);
  set(CURLOPT_XFERINFOFUNCTION, ends_with_work);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_ERRORBUFFER, handle->error.data());
  if (!target_->ca_file.empty()) set(CURLOPT_CAINFO, target_->ca_file.c_str());
  return handle;
}

Result<std::string> Client::post(const std::string& query, std::string_view body, std::chrono::seconds timeout,
                                 std::size_t bytes_max) {
  if (work_must_end()) return Failure(work_ended());
  auto handle = idle_handle();
  CURL* curl = handle->curl;
  Received received{.bytes_max = bytes_max};
  const std::string url = target_->url + query;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
  const CURLcode code = curl_easy_perform(curl);
  if (received.too_large) return fail(Errc::too_large, "the answer of ClickHouse is too large");
  if (code != CURLE_OK) {
    const bool has_words = handle->error[0] != '\0';
    return fail(Errc::unavailable,
                "ClickHouse: " + std::string(has_words ? handle->error.data() : curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }
  if (status != 200) return refusal(status, received.bytes);
  return std::move(received.bytes);
}

Result<std::string> Client::ask(std::string_view statement, std::chrono::seconds timeout, std::size_t bytes_max) {
  // Else what goes wrong in the midst of an answer comes with status 200.
  return post("&wait_end_of_query=1", statement, timeout, bytes_max);
}

Result<void> Client::insert(std::string_view statement, std::string_view settings, std::string_view data,
                            std::chrono::seconds timeout) {
  std::string query(settings);
  query.append("&query=").append(escaped(statement));
  auto done = post(query, data, timeout, answer_bytes_max);
  if (!done) return done.failure();
  return {};
}

}  // namespace packwalk::clickhouse
