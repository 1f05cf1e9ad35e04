// What a connection sends, cut into pieces: the first byte of the input tells how, and what the path takes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/request_parser.h"

namespace {

constexpr std::size_t header_bytes_max = 1024;
constexpr std::size_t body_sizes_max[] = {0, 10, 1000, 100'000};
constexpr std::size_t piece_sizes[] = {1, 2, 3, 4, 5, 7, 16, 4096};
constexpr std::size_t slack = 32UL * 1024;  // chunk extensions, trailers and a piece

void must(bool is_so) {
  if (!is_so) std::abort();
}

struct Cut {
  std::size_t piece = 1;
  std::size_t body_bytes_max = 0;
  bool discards = false;
};

/// What became of the first request of a connection.
struct Outcome {
  int failure = 0;
  bool has_head = false;
  bool is_whole = false;
  std::size_t consumed = 0;
  packwalk::Request request;

  /// A fault may be found later in pieces, as Beast waits for the end of the head then. Which of two is found first
  /// depends on how the bytes were cut, when one of them is their number.
  bool operator==(const Outcome& other) const {
    if (failure != 0 || other.failure != 0) {
      const bool is_open = (failure == 0 && !is_whole) || (other.failure == 0 && !other.is_whole);
      const bool is_number = failure == 431 || other.failure == 431;
      return is_open || failure == other.failure || (is_number && failure != 0 && other.failure != 0);
    }
    return is_whole == other.is_whole && has_head == other.has_head && (!is_whole || consumed == other.consumed) &&
           request.path == other.request.path && request.query == other.request.query &&
           request.authorization() == other.request.authorization() &&
           (!is_whole || request.body == other.request.body);
  }
};

Outcome read_one(std::string_view bytes, Cut cut) {
  packwalk::RequestParser parser(header_bytes_max);
  Outcome outcome;
  std::string waiting;
  bool has_decided = false;
  while (!parser.failure() && !parser.is_whole()) {
    const bool had_head = parser.has_head();
    const std::size_t consumed = parser.read(waiting);
    must(consumed <= waiting.size());
    waiting.erase(0, consumed);
    outcome.consumed += consumed;
    if (parser.failure()) break;
    must(parser.has_head() || outcome.consumed + waiting.size() <= header_bytes_max);
    must(waiting.size() <= slack);
    if (parser.has_head()) {
      must(had_head || parser.request().body.empty());  // no byte of it before somebody decided
      must(parser.request().body.size() <= (cut.discards ? 0 : cut.body_bytes_max));
    }
    if (parser.has_head() && !has_decided) {
      has_decided = true;
      cut.discards ? parser.discard_body(cut.body_bytes_max) : parser.keep_body(cut.body_bytes_max);
      continue;
    }
    if (parser.is_whole() || bytes.empty()) break;
    const std::string_view next = bytes.substr(0, cut.piece);
    bytes.remove_prefix(next.size());
    waiting.append(next);
  }
  outcome.failure = parser.failure() ? parser.failure()->status : 0;
  outcome.has_head = parser.has_head();
  outcome.is_whole = parser.is_whole() && outcome.failure == 0;
  if (outcome.has_head) outcome.request = parser.request();
  return outcome;
}

/// A request with a body that is framed in one way only: what is in the body must never become a request.
void check_framing(std::string_view body, Cut cut) {
  body = body.substr(0, cut.body_bytes_max);
  const std::string next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";
  std::string counted = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  counted.append(body).append(next);
  std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  constexpr char digits[] = "0123456789abcdef";
  for (std::string_view rest = body; !rest.empty();) {
    const std::string_view chunk = rest.substr(0, std::min<std::size_t>(rest.size(), 15));
    chunked.push_back(digits[chunk.size()]);
    chunked.append("\r\n").append(chunk).append("\r\n");
    rest.remove_prefix(chunk.size());
  }
  chunked.append("0\r\n\r\n").append(next);
  std::string of_lf_lines = "\nPOST / HTTP/1.1\nHost: x\nContent-Length: " + std::to_string(body.size()) + "\n\n";
  of_lf_lines.append(body).append(next);
  for (const std::string& bytes : {counted, chunked, "\r\n" + counted, of_lf_lines}) {
    const Outcome got = read_one(bytes, cut);
    must(got.failure == 0 && got.is_whole);
    must(got.consumed == bytes.size() - next.size());
    must(got.request.body == (cut.discards ? std::string_view() : body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::uint8_t choice = data[0];
  const Cut cut{.piece = piece_sizes[choice & 7U],
                .body_bytes_max = body_sizes_max[choice >> 3U & 3U],
                .discards = (choice & 32U) != 0};
  const Outcome in_pieces = read_one(bytes, cut);
  const Outcome at_once = read_one(bytes, {bytes.size() + 1, cut.body_bytes_max, cut.discards});
  must(in_pieces == at_once);
  check_framing(bytes, cut);
  return 0;
}
