// Which web pages of other origins may read responses (CORS, the Fetch standard).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace packwalk {

/// Immutable. Without origins no page of another origin may read anything: that is what browsers do by themselves.
class AllowedOrigins {
 public:
  AllowedOrigins() = default;
  /// `*`, or origins such as `https://map.example` or `http://localhost:5173`, with commas between them; "" for none.
  /// Errc::invalid_input says what each must be.
  static Result<AllowedOrigins> from_text(std::string_view text);

  bool are_none() const { return origins_.empty(); }
  /// Any, for callers who show a token in each request: browsers send no cookies then.
  bool are_any() const { return origins_.size() == 1 && origins_.front() == "*"; }
  /// What Access-Control-Allow-Origin says to a request of this Origin; "" if it is not allowed.
  std::string_view answer_to(std::string_view origin) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace packwalk
