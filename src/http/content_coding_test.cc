#include "http/content_coding.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "http/gzip.h"

namespace packwalk {
namespace {

constexpr std::size_t unpacked_max = 64UL * 1024 * 1024;

std::string told_by(std::string_view accept_encoding) {
  const AcceptedCodings codings = accepted_codings(accept_encoding);
  return std::string(codings.prefers_gzip ? "gzip" : "identity") + (codings.refuses_identity ? " only" : "");
}

TEST(ContentCoding, IsGzipIfTheCallerReadsItNoLessGladly) {
  for (const char* text : {"gzip", "x-gzip", "GZIP", "gzip, deflate, br", "br, gzip;q=0.1", "*", "gzip;q=1.0, identity",
                           "identity;q=0.5, gzip;q=0.5", "deflate , gzip ; q=0.8", "gzip;x=y;q=0.5"}) {
    EXPECT_EQ("gzip", told_by(text)) << text;
  }
  for (const char* text : {"", "br", "identity", "gzip;q=0", "*;q=0", "gzip;q=0.5, identity", "gzip;q=0.000, *",
                           "*;q=0.5, identity", "gzipped", "deflate", "identity;q=0", ","}) {
    EXPECT_EQ("identity", told_by(text)) << text;
  }
  for (const char* text : {"gzip, identity;q=0", "identity;q=0.0, *", "*;q=0, gzip;q=0.1", "gzip, *;q=0"}) {
    EXPECT_EQ("gzip only", told_by(text)) << text;
  }
}

TEST(ContentCoding, PacksTextAndNothingThatIsPackedAlready) {
  for (const char* type :
       {"text/plain", "text/html; charset=utf-8", "application/json", "Application/JSON", "application/problem+json",
        "application/gpx+xml", "image/svg+xml", "application/x-ndjson"}) {
    EXPECT_TRUE(is_text_type(type)) << type;
  }
  for (const char* type : {"", "image/png", "application/octet-stream", "application/gzip", "font/woff2"}) {
    EXPECT_FALSE(is_text_type(type)) << type;
  }
}

/// All pieces of a body.
std::string whole(const StreamedBody& body, std::size_t* pieces = nullptr) {
  std::string all = body.first;
  bool is_last = false;
  for (std::size_t count = 1; !is_last; ++count) {
    body.rest->next([&](Result<BodyPiece> piece) {
      all.append(piece->bytes);
      is_last = piece->is_last;
    });
    if (pieces) *pieces = count;
  }
  return all;
}

TEST(ContentCoding, PacksALargeStringSliceBySlice) {
  std::string text;
  for (int i = 0; text.size() < 1'000'000; ++i) text.append(std::to_string(i)).append(",");
  std::size_t pieces = 0;
  const StreamedBody body = gzip_stream_of(text);
  EXPECT_LE(text.size(), body.rest->held_bytes());
  const std::string packed = whole(body, &pieces);
  EXPECT_LT(packed.size(), text.size() / 2);
  EXPECT_EQ(text, gunzip_file(packed, unpacked_max).value());
  EXPECT_EQ((text.size() + gzip_at_once_max - 1) / gzip_at_once_max, pieces);
  EXPECT_EQ("", gunzip_file(whole(gzip_stream_of(std::string())), unpacked_max).value());
}

/// Gives what the test has put in.
class Script final : public BodySource {
 public:
  explicit Script(std::deque<Result<BodyPiece>> pieces) : pieces_(std::move(pieces)) {}
  void next(TakePiece take) override {
    Result<BodyPiece> piece = std::move(pieces_.front());
    pieces_.pop_front();
    take(std::move(piece));
  }
  std::size_t held_bytes() const override { return 7; }

 private:
  std::deque<Result<BodyPiece>> pieces_;
};

TEST(ContentCoding, LetsEachPieceReachItsReader) {
  const auto source = std::make_shared<Script>(std::deque<Result<BodyPiece>>{
      BodyPiece{"second ", false}, BodyPiece{"", false}, fail(Errc::overloaded, "later"), BodyPiece{"last", true}});
  const StreamedBody body = gzip_stream_of(StreamedBody{"first ", source});
  EXPECT_EQ(GzipStream::memory_bytes + 7, body.rest->held_bytes());
  std::string packed = body.first;
  std::string readable;
  const auto read = [&] {
    std::string text;
    const auto all = gunzip(packed, unpacked_max, &text);
    return all ? *all : text;
  };
  EXPECT_EQ("first ", read()) << "though the stream is not whole";
  const auto next = [&] {
    Result<BodyPiece> taken = fail(Errc::broken, "no piece");
    body.rest->next([&](Result<BodyPiece> piece) { taken = std::move(piece); });
    if (taken) packed.append(taken->bytes);
    return taken;
  };
  EXPECT_FALSE(next()->is_last);
  EXPECT_EQ("first second ", read());
  EXPECT_EQ("", next()->bytes);
  EXPECT_EQ(Errc::overloaded, next().error().code) << "the piece may be asked for again";
  EXPECT_TRUE(next()->is_last);
  EXPECT_EQ("first second last", gunzip(packed, unpacked_max).value());
}

TEST(ContentCoding, PacksASmallBodyAtOnce) {
  const std::string text(5'000, 'x');
  EXPECT_EQ(text, gunzip(gzip_fast(text), unpacked_max).value());
}

}  // namespace
}  // namespace packwalk
