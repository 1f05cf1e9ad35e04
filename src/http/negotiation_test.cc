#include "http/negotiation.h"

#include <gtest/gtest.h>

#include "http/conditional.h"
#include "http/gzip.h"
#include "http/request_id.h"
#include "http/static_file.h"

namespace packwalk {
namespace {

constexpr std::size_t unpacked_max = 64UL * 1024 * 1024;

const std::string long_text(5'000, 'x');
const std::string huge_text(200'000, 'y');

Response answered(Response response, const Headers& headers, Method method = Method::get,
                  std::string_view origins = "") {
  negotiate(response, terms_of({.method = method, .headers = headers}), AllowedOrigins::from_text(origins).value());
  return response;
}

Response json(std::string body) { return {.content_type = "application/json", .body = std::move(body)}; }
Response tagged(std::string body) {
  Response response = json(std::move(body));
  response.has_etag = true;
  return response;
}

TEST(Negotiation, PacksALongTextForCallersThatReadGzip) {
  const Response packed = answered(json(long_text), {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ("gzip", header_of(packed, "Content-Encoding"));
  EXPECT_EQ("Accept-Encoding", header_of(packed, "Vary"));
  EXPECT_EQ(long_text, gunzip(text_of(packed), unpacked_max).value());
  const Response plain = answered(json(long_text), {{"Accept-Encoding", "gzip;q=0"}});
  EXPECT_EQ("", header_of(plain, "Content-Encoding"));
  EXPECT_EQ("Accept-Encoding", header_of(plain, "Vary")) << "another caller gets it packed";
  EXPECT_EQ(long_text, text_of(plain));
}

TEST(Negotiation, LeavesShortAndPackedBodiesAsTheyAre) {
  for (const Response& response :
       {json("{}"), Response{.content_type = "image/png", .body = long_text},
        Response{.content_type = "text/plain", .body = long_text, .headers = {{"Content-Encoding", "br"}}}}) {
    const Response same = answered(response, {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(text_of(response), text_of(same));
    EXPECT_EQ("", header_of(same, "Vary"));
  }
  const Response forced = answered(json("{}"), {{"Accept-Encoding", "gzip, identity;q=0"}});
  EXPECT_EQ("{}", gunzip(text_of(forced), unpacked_max).value()) << "identity is refused";
}

TEST(Negotiation, PacksAHugeTextWhileItIsSentButNotToHttp10) {
  const Response streamed = answered(json(huge_text), {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ("gzip", header_of(streamed, "Content-Encoding"));
  EXPECT_TRUE(std::holds_alternative<StreamedBody>(streamed.body));
  Response plain = json(huge_text);
  ResponseTerms terms = terms_of({.headers = {{"Accept-Encoding", "gzip"}}});
  terms.may_be_chunked = false;
  negotiate(plain, terms, {});
  EXPECT_EQ(huge_text, text_of(plain));
  EXPECT_EQ("", header_of(plain, "Content-Encoding"));
  EXPECT_EQ("Accept-Encoding", header_of(plain, "Vary"));
}

TEST(Negotiation, AnswersNotModifiedToCallersThatHaveTheBody) {
  const std::string etag = weak_etag_of(long_text);
  const Response first = answered(tagged(long_text), {});
  EXPECT_EQ(200, first.status);
  EXPECT_EQ(etag, header_of(first, "ETag"));
  EXPECT_EQ("private, no-cache", header_of(first, "Cache-Control"));
  for (const Method method : {Method::get, Method::head}) {
    const Response again = answered(tagged(long_text), {{"If-None-Match", etag}, {"Accept-Encoding", "gzip"}}, method);
    EXPECT_EQ(304, again.status);
    EXPECT_EQ("", text_of(again));
    EXPECT_EQ("", again.content_type);
    EXPECT_EQ(etag, header_of(again, "ETag"));
    EXPECT_EQ("Accept-Encoding", header_of(again, "Vary")) << "as the 200 would say";
    EXPECT_EQ("", header_of(again, "Content-Encoding"));
  }
  EXPECT_EQ(200, answered(tagged(long_text), {{"If-None-Match", weak_etag_of("other")}}).status);
  EXPECT_EQ(200, answered(tagged(long_text), {{"If-None-Match", etag}}, Method::post).status);
  EXPECT_EQ(200, answered(json(long_text), {{"If-None-Match", "*"}}).status) << "the maker did not ask for it";
  Response error = tagged(long_text);
  error.status = 404;
  EXPECT_EQ(404, answered(error, {{"If-None-Match", "*"}}).status);
}

TEST(Negotiation, SendsAStaticFileInTheFormThatItHasInMemory) {
  const StaticFile file = make_static_file(long_text, "text/css");
  ASSERT_TRUE(file.gzip_bytes);
  const Response response{.content_type = "text/css", .body = file, .headers = {{"Cache-Control", "max-age=60"}}};
  const Response packed = answered(response, {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(file.gzip_bytes, std::get<StaticFile>(packed.body).bytes);
  EXPECT_EQ("gzip", header_of(packed, "Content-Encoding"));
  EXPECT_EQ(long_text, gunzip(*file.gzip_bytes, unpacked_max).value());
  const Response plain = answered(response, {});
  EXPECT_EQ(file.bytes, std::get<StaticFile>(plain.body).bytes);
  EXPECT_EQ("Accept-Encoding", header_of(plain, "Vary"));
  EXPECT_EQ("max-age=60", header_of(plain, "Cache-Control")) << "the maker's";
  EXPECT_EQ(304, answered(response, {{"If-None-Match", file.etag}}).status);
  EXPECT_FALSE(make_static_file(long_text, "image/png").gzip_bytes);
  EXPECT_FALSE(make_static_file("short", "text/css").gzip_bytes);
}

TEST(Negotiation, LetsPagesOfAllowedOriginsRead) {
  const Headers from_map = {{"Origin", "https://map.example"}};
  const Response allowed = answered(json("{}"), from_map, Method::get, "https://map.example,https://b.example");
  EXPECT_EQ("https://map.example", header_of(allowed, "Access-Control-Allow-Origin"));
  EXPECT_EQ("true", header_of(allowed, "Access-Control-Allow-Credentials"));
  EXPECT_EQ("Origin", header_of(allowed, "Vary"));
  const Response other = answered(json("{}"), from_map, Method::get, "https://b.example");
  EXPECT_EQ("", header_of(other, "Access-Control-Allow-Origin"));
  EXPECT_EQ("Origin", header_of(other, "Vary")) << "a cache must not give it to an allowed one";
  const Response any = answered(json("{}"), from_map, Method::get, "*");
  EXPECT_EQ("*", header_of(any, "Access-Control-Allow-Origin"));
  EXPECT_EQ("", header_of(any, "Access-Control-Allow-Credentials")) << "never for any origin";
  EXPECT_EQ("", header_of(any, "Vary"));
  EXPECT_TRUE(answered(json("{}"), from_map).headers.empty()) << "nobody allowed anything";
  EXPECT_EQ("", header_of(answered(json("{}"), {}, Method::get, "*"), "Access-Control-Allow-Origin"));
}

TEST(Negotiation, AddsToVaryWhatIsNotThereYet) {
  Response response = json(long_text);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  add_vary(response, "Accept");
  add_vary(response, "accept-encoding");
  add_vary(response, "Origin");
  EXPECT_EQ("Accept-Encoding, Accept, Origin", header_of(response, "Vary"));
}

TEST(Negotiation, KeepsAGoodRequestIdOfTheCallerAndMakesOneElse) {
  EXPECT_EQ("abc-1", terms_of({.headers = {{"X-Request-Id", "abc-1"}}}).request_id);
  for (const std::string& bad : {std::string("a b"), std::string(65, 'a'), std::string()}) {
    const std::string made = terms_of({.headers = {{"X-Request-Id", bad}}}).request_id;
    EXPECT_TRUE(is_request_id(made)) << made;
    EXPECT_NE(bad, made);
  }
}

TEST(Negotiation, KeepsLittleOfAHead) {
  const ResponseTerms terms =
      terms_of({.headers = {{"If-None-Match", std::string(3'000, 'a')}, {"Origin", std::string(300, 'a')}}});
  EXPECT_EQ("", terms.if_none_match);
  EXPECT_EQ("", terms.origin);
}

}  // namespace
}  // namespace packwalk
