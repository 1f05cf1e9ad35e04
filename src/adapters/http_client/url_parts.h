// The parts of a url, as libcurl parses them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace packwalk {

class UrlParts {
 public:
  /// Parses an absolute url. An invalid one has empty parts.
  explicit UrlParts(const std::string& text);
  ~UrlParts();
  UrlParts(const UrlParts&) = delete;
  UrlParts& operator=(const UrlParts&) = delete;

  /// False also if a part had an escaped control character.
  bool is_good() const { return good_; }

  /// "" for a missing part. Escapes of the last three are decoded.
  std::string scheme();
  std::string host();
  std::string port();
  std::string query();
  std::string user();
  std::string password();
  std::string path();

 private:
  struct Url;
  std::string part(int which, unsigned int flags);

  std::unique_ptr<Url> url_;
  bool good_ = false;
};

/// Escapes a text for a query.
std::string url_escaped(std::string_view text);

}  // namespace packwalk
