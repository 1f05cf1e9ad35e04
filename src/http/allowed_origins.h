// The origins whose web pages may read responses (CORS, the Fetch standard).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace packwalk {

/// Immutable. Without origins, no page of another origin may read anything: browsers enforce that by default.
class AllowedOrigins {
 public:
  AllowedOrigins() = default;
  /// `*`, or origins such as `https://map.example` or `http://localhost:5173`, separated by commas; "" for none.
  /// Errc::invalid_input describes a valid origin.
  static Result<AllowedOrigins> from_text(std::string_view text);

  bool are_none() const { return origins_.empty(); }
  /// Any origin, for callers that send a token with each request: browsers send no cookies then.
  bool are_any() const { return origins_.size() == 1 && origins_.front() == "*"; }
  /// The value of Access-Control-Allow-Origin for this Origin; "" if it is not allowed.
  std::string_view answer_to(std::string_view origin) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace packwalk
