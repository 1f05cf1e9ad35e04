#include "adapters/http_client/url_parts.h"

#include <curl/curl.h>

#include <new>

namespace packwalk {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};

}  // namespace

struct UrlParts::Url {
  std::unique_ptr<CURLU, FreeUrl> curl{curl_url()};
};

UrlParts::UrlParts(const std::string& text) : url_(std::make_unique<Url>()) {
  if (!url_->curl) throw std::bad_alloc();
  good_ = curl_url_set(url_->curl.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
}
UrlParts::~UrlParts() = default;

std::string UrlParts::part(int which, unsigned int flags) {
  char* raw = nullptr;
  const CURLUcode code = good_ ? curl_url_get(url_->curl.get(), static_cast<CURLUPart>(which), &raw, flags) : CURLUE_OK;
  const std::unique_ptr<char, FreeText> text(raw);
  if (code == CURLUE_URLDECODE) good_ = false;
  return text ? text.get() : "";
}

std::string UrlParts::scheme() { return part(CURLUPART_SCHEME, 0); }
std::string UrlParts::host() { return part(CURLUPART_HOST, 0); }
std::string UrlParts::port() { return part(CURLUPART_PORT, 0); }
std::string UrlParts::query() { return part(CURLUPART_QUERY, 0); }
std::string UrlParts::user() { return part(CURLUPART_USER, CURLU_URLDECODE); }
std::string UrlParts::password() { return part(CURLUPART_PASSWORD, CURLU_URLDECODE); }
std::string UrlParts::path() { return part(CURLUPART_PATH, CURLU_URLDECODE); }

std::string url_escaped(std::string_view text) {
  const std::unique_ptr<char, FreeText> made(curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
  if (!made) throw std::bad_alloc();
  return made.get();
}

}  // namespace packwalk
