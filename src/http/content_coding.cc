#include "http/content_coding.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "http/exchange.h"
#include "http/gzip.h"
#include "http/headers.h"
#include "http/weighted_list.h"

namespace packwalk {
namespace {

constexpr int fastest = 1;
constexpr std::size_t slice_bytes = gzip_at_once_max;

/// The bytes of a source in gzip. A deflate stream holds 256 KiB whatever goes through it.
class GzipSource final : public BodySource, public std::enable_shared_from_this<GzipSource> {
 public:
  explicit GzipSource(std::shared_ptr<BodySource> plain) : plain_(std::move(plain)) {}

  std::string begin(std::string_view first) { return first.empty() ? "" : gzip_.add(first); }

  /// Compresses on the thread that made the piece.
  void next(TakePiece take) override {
    plain_->next([self = shared_from_this(), take = std::move(take)](Result<BodyPiece> piece) {
      take(piece ? self->packed(*std::move(piece)) : std::move(piece));
    });
  }
  std::size_t held_bytes() const override { return GzipStream::memory_bytes + plain_->held_bytes(); }

 private:
  BodyPiece packed(BodyPiece piece) {
    if (piece.is_last) return {gzip_.finish(piece.bytes), true};
    return {piece.bytes.empty() ? "" : gzip_.add(piece.bytes), false};
  }

  const std::shared_ptr<BodySource> plain_;
  GzipStream gzip_{fastest};
};

/// Sends a string slice by slice.
class SlicedString final : public BodySource {
 public:
  explicit SlicedString(std::string whole) : whole_(std::move(whole)) {}

  void next(TakePiece take) override {
    const std::size_t begin = std::exchange(at_, std::min(at_ + slice_bytes, whole_.size()));
    take(BodyPiece{whole_.substr(begin, at_ - begin), at_ == whole_.size()});
  }
  std::size_t held_bytes() const override { return whole_.capacity(); }

 private:
  const std::string whole_;
  std::size_t at_ = 0;
};

}  // namespace

AcceptedCodings accepted_codings(std::string_view accept_encoding) {
  std::optional<int> gzip;
  std::optional<int> identity;
  std::optional<int> any;
  for (std::string_view rest = accept_encoding; !rest.empty();) {
    const auto [coding, weight] = take_weighted(rest);
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
      gzip = std::max(gzip.value_or(0), weight);
    } else if (equal_ignoring_case(coding, "identity")) {
      identity = weight;
    } else if (coding == "*") {
      any = weight;
    }
  }
  const int of_gzip = gzip.value_or(any.value_or(0));
  const int of_identity =
      identity.value_or(any.value_or(0));  // a coding that the header does not name is used if no other is acceptable
  return {.prefers_gzip = of_gzip > 0 && of_gzip >= of_identity,
          .refuses_identity = of_gzip > 0 && of_identity == 0 && (identity || any)};
}

bool is_text_type(std::string_view content_type) {
  const std::string type = media_type(content_type);
  constexpr std::array<std::string_view, 6> others = {"application/javascript", "application/json", "application/wasm",
                                                      "application/x-ndjson",   "application/xml",  "application/yaml"};
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::find(others.begin(), others.end(), type) != others.end();
}

std::string gzip_fast(std::string_view bytes) { return GzipStream(fastest).finish(bytes); }

StreamedBody gzip_stream_of(std::string whole) {
  return {.first = "", .rest = std::make_shared<GzipSource>(std::make_shared<SlicedString>(std::move(whole)))};
}

StreamedBody gzip_stream_of(StreamedBody body) {
  const auto source = std::make_shared<GzipSource>(std::move(body.rest));
  std::string first = source->begin(body.first);
  return {.first = std::move(first), .rest = source};
}

}  // namespace packwalk
