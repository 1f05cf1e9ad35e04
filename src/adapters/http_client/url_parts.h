// The parts of a url, read by libcurl as it will use them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace packwalk {

class UrlParts {
 public:
  /// Reads an absolute url. A bad one has empty parts.
  explicit UrlParts(const std::string& text);
  ~UrlParts();
  UrlParts(const UrlParts&) = delete;
  UrlParts& operator=(const UrlParts&) = delete;

  /// False also after a part had an escape of a control character.
  bool is_good() const { return good_; }

  /// "" for a part that is not there. Escapes of the last three are decoded.
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

/// As part of a query.
std::string url_escaped(std::string_view text);

}  // namespace packwalk
