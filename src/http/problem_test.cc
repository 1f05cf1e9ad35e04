#include "http/problem.h"

#include <gtest/gtest.h>

#include <set>

namespace packwalk {
namespace {

TEST(Problem, IsADocumentForPeopleAndPrograms) {
  const Response response = problem(Problem::invalid_parameter, "limit is a \"number\"", {.parameter = "limit"});
  EXPECT_EQ(400, response.status);
  EXPECT_EQ("application/problem+json", response.content_type);
  EXPECT_EQ(R"({"type":"/problems/invalid_parameter","title":"Bad Request","status":400,"code":"invalid_parameter",)"
            R"("detail":"limit is a \"number\"","param":"limit"})",
            text_of(response));
  const Response unreadable = problem(Problem::unreadable_body, "it ends early", {.byte_offset = 7});
  EXPECT_NE(std::string::npos, text_of(unreadable).find(R"("byte_offset":7})")) << text_of(unreadable);
}

TEST(Problem, KindsStandInTheOrderOfTheirNumbersAndNoCodeIsTwice) {
  std::set<std::string_view> codes;
  for (std::size_t i = 0; i < problem_kinds.size(); ++i) {
    const ProblemKind& kind = problem_kinds.at(i);
    EXPECT_EQ(i, static_cast<std::size_t>(kind.problem)) << kind.code;
    EXPECT_TRUE(codes.insert(kind.code).second) << kind.code;
    EXPECT_NE("", reason_phrase(kind.status)) << kind.code;
  }
}

TEST(Problem, OfBytesThatAreNoRequestHasTheStatusThatTheyDeserve) {
  for (const int status : {400, 413, 431}) EXPECT_EQ(status, refused_bytes(status, "so it is").status);
}

TEST(Problem, OfAStoreThatIsAwayMayBeTriedAgain) {
  const Response response = problem_of({Errc::unavailable, "pg.internal refused"});
  EXPECT_EQ(503, response.status);
  ASSERT_EQ(1U, response.headers.size());
  EXPECT_EQ("Retry-After", response.headers[0].first);
  EXPECT_EQ(std::string::npos, text_of(response).find("pg.internal")) << "no host of ours is anybody's business";
}

}  // namespace
}  // namespace packwalk
