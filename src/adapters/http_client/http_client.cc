#include "adapters/http_client/http_client.h"

#include <curl/curl.h>

#include <array>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/work_limits.h"

namespace packwalk {
namespace {

constexpr long connect_seconds = 5;

struct FreeHeaders {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

Headers listed(std::span<const std::string> headers) {
  Headers list;
  const auto append = [&](const char* header) {
    curl_slist* more = curl_slist_append(list.get(), header);
    if (!more) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(more);
  };
  append("Expect:");  // otherwise a server would have to send 100 Continue before each large body
  for (const std::string& header : headers) append(header.c_str());
  return list;
}

struct Received {
  std::size_t bytes_max = 0;
  std::string bytes;
  bool is_cut = false;
};

std::size_t take_bytes(const char* data, std::size_t, std::size_t size, void* user) {
  auto& received = *static_cast<Received*>(user);
  if (received.bytes.size() + size > received.bytes_max) {
    received.bytes.append(data, received.bytes_max - received.bytes.size());
    received.is_cut = true;
    return 0;
  }
  received.bytes.append(data, size);
  return size;
}

/// libcurl calls it several times per second.
int ends_with_work(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return work_must_end() ? 1 : 0; }

}  // namespace

struct HttpClient::Handle {
  Handle() : curl(curl_easy_init()) {
    if (!curl) throw std::runtime_error("libcurl failed to create a handle");
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { curl_easy_cleanup(curl); }

  CURL* curl;
  std::array<char, CURL_ERROR_SIZE> error{};
};

HttpClient::HttpClient(std::string ca_file) : ca_file_(std::move(ca_file)) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}
HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Handle> HttpClient::idle_handle() {
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
      throw std::runtime_error("libcurl does not support an option");
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
  set(CURLOPT_WRITEFUNCTION, take_bytes);
  set(CURLOPT_XFERINFOFUNCTION, ends_with_work);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_ERRORBUFFER, handle->error.data());
  if (!ca_file_.empty()) set(CURLOPT_CAINFO, ca_file_.c_str());
  return handle;
}

Result<HttpAnswer> HttpClient::post(const HttpPost& request) {
  if (work_must_end()) return Failure(work_ended());
  auto handle = idle_handle();
  CURL* curl = handle->curl;
  Received received{.bytes_max = request.answer_bytes_max};
  const std::string url(request.url);
  const Headers headers = listed(request.headers);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK && !received.is_cut) {
    const bool has_words = handle->error[0] != '\0';
    return fail(Errc::unavailable, has_words ? handle->error.data() : curl_easy_strerror(code));
  }
  HttpAnswer answer{.body = std::move(received.bytes), .is_cut = received.is_cut};
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_off_t seconds = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
  if (seconds > 0) answer.retry_after = std::chrono::seconds(seconds);
  // Otherwise the handle would hold a dangling pointer.
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(handle));
  return answer;
}

}  // namespace packwalk
