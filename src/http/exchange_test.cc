#include "http/exchange.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(Exchange, NamesEachMethod) {
  EXPECT_EQ("PUT", name_of(Method::put));
  EXPECT_EQ("PATCH", name_of(Method::patch));
  EXPECT_EQ("DELETE", name_of(Method::delete_));
  EXPECT_EQ("other", name_of(Method::other));
}

TEST(Exchange, ReadsWellKnownHeadersOfARequest) {
  const Request request{
      .headers = {{"authorization", "Bearer a"}, {"Accept", "text/html"}, {"accept", "*/*"}, {"USER-AGENT", "t"}}};
  EXPECT_EQ("a", bearer_token(request.authorization()));
  EXPECT_EQ("text/html, */*", request.accept());
  EXPECT_EQ("t", request.user_agent());
  EXPECT_EQ("", request.content_type());
}

TEST(Exchange, CountsTheMemoryOfARequest) {
  EXPECT_EQ(0U, held_bytes(Request()));
  const std::string text(1'000, 'a');
  const Request request{.path = text, .query = text, .headers = {{"X", text}}, .body = text, .parameters = {text}};
  EXPECT_LE(5 * text.size() - 300, held_bytes(request));
  EXPECT_GE(5 * text.size() + 1'000, held_bytes(request));
}

TEST(Exchange, ReadsBasicCredentials) {
  const BasicCredentials both = basic_credentials("Basic dXNlcjpwYXNzOndvcmQ=");
  EXPECT_EQ("user", both.user);
  EXPECT_EQ("pass:word", both.password);
  EXPECT_EQ("", basic_credentials("Bearer dXNlcjpw").user);
  EXPECT_EQ("", basic_credentials("Basic %").user);
}

TEST(Exchange, ReadsParametersOneByOne) {
  std::string_view query = "&a=1%20b&&c&d=+";
  EXPECT_EQ(Parameter("a", "1 b"), take_parameter(query));
  EXPECT_EQ(Parameter("c", ""), take_parameter(query));
  EXPECT_EQ(Parameter("d", " "), take_parameter(query));
  EXPECT_EQ(std::nullopt, take_parameter(query));
  EXPECT_EQ("1", query_value("b=2&a=1&a=3", "a"));
}

TEST(Exchange, FindsAHeaderOfAResponse) {
  const Response response{.body = "text", .headers = {{"Retry-After", "5"}}};
  EXPECT_EQ("5", header_of(response, "retry-after"));
  EXPECT_EQ("", header_of(response, "ETag"));
  EXPECT_EQ("text", text_of(response));
}

}  // namespace
}  // namespace packwalk
