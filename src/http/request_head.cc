#include "http/request_head.h"

#include "base/text.h"
#include "http/request_target.h"

namespace packwalk {
namespace {

ParseFailure bad(std::string detail) { return {400, std::move(detail)}; }

bool is_field(const Headers::Field& field, std::string_view name) { return equal_ignoring_case(field.first, name); }

std::optional<ParseFailure> framing_failure(const Headers& headers, const HeadFacts& facts) {
  constexpr std::string_view name = "Transfer-Encoding";
  const std::size_t codings = headers.count(name);
  if (codings == 0) return std::nullopt;
  if (facts.version < 11) return bad("HTTP/1.0 has no Transfer-Encoding. Send Content-Length.");
  const bool is_chunked_only = codings == 1 && equal_ignoring_case(trimmed(headers.find(name)), "chunked");
  if (!is_chunked_only || !facts.is_chunked)
    return bad("The Transfer-Encoding is unknown. Send chunked or Content-Length.");
  if (facts.has_length) return bad("The request has both Content-Length and Transfer-Encoding. Send one of them.");
  if (facts.line_end == LineEnd::lf)
    return bad("The header lines end in LF without CR. End them in CR LF, or send Content-Length.");
  return std::nullopt;
}

}  // namespace

std::optional<ParseFailure> head_failure(const Headers& headers, const HeadFacts& facts) {
  if (auto failure = framing_failure(headers, facts)) return failure;
  if (headers.count("Host") > 1) return bad("The request has several Host headers. Send one.");
  const std::string_view host = trimmed(headers.find("Host"));
  if (!host.empty() && !is_valid_host(host))
    return bad("Host is neither a name nor an address. Send the host of the URL.");
  return std::nullopt;
}

bool has_host(const Headers& headers) { return !trimmed(headers.find("Host")).empty(); }

bool expects_continue(const Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers.at(i);
    if (is_field(field, "Expect") && equal_ignoring_case(field.second, "100-continue")) return true;
  }
  return false;
}

}  // namespace packwalk
