#include "http/response_writer.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(ResponseWriter, KeepsPositionsOutOfCachesAndPages) {
  std::string output;
  ASSERT_TRUE(write_response(output, {.content_type = "text/plain", .body = "ok\n"}, {.keep_alive = true}));
  EXPECT_TRUE(output.starts_with("HTTP/1.1 200 OK\r\n"));
  for (const char* line : {"\r\nContent-Length: 3\r\n", "\r\nCache-Control: no-store\r\n",
                           "\r\nX-Content-Type-Options: nosniff\r\n", "\r\nReferrer-Policy: no-referrer\r\n"}) {
    EXPECT_NE(std::string::npos, output.find(line)) << line;
  }
  EXPECT_TRUE(output.ends_with("\r\n\r\nok\n"));
  Response cached{.body = ""};
  cached.headers.emplace_back("Cache-Control", "max-age=60");
  ASSERT_TRUE(write_response(output, cached, {}));
  EXPECT_EQ(std::string::npos, output.find("no-store"));
  EXPECT_NE(std::string::npos, output.find("\r\nCache-Control: max-age=60\r\n"));
}

TEST(ResponseWriter, SaysWhetherTheConnectionContinues) {
  const auto written = [](ResponseForm form) {
    std::string output;
    EXPECT_TRUE(write_response(output, {.body = "ok"}, form));
    return output;
  };
  EXPECT_EQ(std::string::npos, written({.keep_alive = true}).find("Connection"));
  EXPECT_NE(std::string::npos, written({.keep_alive = false}).find("\r\nConnection: close\r\n"));
  EXPECT_NE(std::string::npos,
            written({.keep_alive = true, .is_http_1_0 = true}).find("\r\nConnection: keep-alive\r\n"));
  EXPECT_NE(std::string::npos, written({.keep_alive = false, .is_http_1_0 = true}).find("\r\nConnection: close\r\n"));
}

TEST(ResponseWriter, GivesNoLengthWhereThereIsNoContent) {
  std::string output;
  ASSERT_TRUE(write_response(output, {.status = 204}, {.keep_alive = true}));
  EXPECT_TRUE(output.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(std::string::npos, output.find("\r\nContent-"));
}

TEST(ResponseWriter, WritesNoFieldThatCouldEndItsLine) {
  std::string output;
  for (const std::string& value : {std::string("a\r\nSet-Cookie: b"), std::string("a\nb"), std::string("a\rb"),
                                   std::string("a\0b", 3), std::string("\x7f")}) {
    Response response;
    response.headers.emplace_back("Link", value);
    EXPECT_FALSE(write_response(output, response, {})) << value;
    EXPECT_FALSE(write_response(output, {.content_type = value}, {})) << value;
  }
  Response named;
  named.headers.emplace_back("A: b\r\nC", "d");
  EXPECT_FALSE(write_response(output, named, {}));
  Response good;
  good.headers.emplace_back("Link", "</v1/positions?cursor=1>; rel=\"next\"\t\xc3\xa9");
  EXPECT_TRUE(write_response(output, good, {}));
}

TEST(ResponseWriter, LeavesALargeBodyWhereItIs) {
  const Response large{.body = std::string(100'000, 'x')};
  std::string output;
  ASSERT_TRUE(write_response(output, large, {.keep_alive = true}));
  EXPECT_TRUE(sends_body_apart(large, {.keep_alive = true}));
  EXPECT_TRUE(output.ends_with("\r\n\r\n"));
  EXPECT_FALSE(sends_body_apart(large, {.head_only = true}));
  ASSERT_TRUE(write_response(output, {.body = "abc"}, {.head_only = true}));
  EXPECT_TRUE(output.ends_with("\r\n\r\n"));
  EXPECT_NE(std::string::npos, output.find("Content-Length: 3\r\n"));
}

class NoSource final : public BodySource {
 public:
  void next(TakePiece) override {}
};

TEST(ResponseWriter, TellsNoLengthOfABodyOfWhichMoreComes) {
  const Response response{.body = StreamedBody{"first", std::make_shared<NoSource>()}};
  std::string output;
  ASSERT_TRUE(write_response(output, response, {.keep_alive = true}));
  EXPECT_NE(std::string::npos, output.find("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(std::string::npos, output.find("Content-Length"));
  EXPECT_TRUE(output.ends_with("\r\n\r\n"));
  EXPECT_TRUE(sends_body_apart(response, {}));
  ASSERT_TRUE(write_response(output, response, {.is_http_1_0 = true}));
  EXPECT_EQ(std::string::npos, output.find("Transfer-Encoding"));
  EXPECT_EQ(std::string::npos, output.find("Content-Length"));
}

}  // namespace
}  // namespace packwalk
