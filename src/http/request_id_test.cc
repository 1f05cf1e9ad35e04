#include "http/request_id.h"

#include <gtest/gtest.h>

#include <set>

#include "base/token.h"

namespace packwalk {
namespace {

TEST(RequestId, IsMadeForEachRequestAnew) {
  std::set<std::string> ids;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = make_request_id();
    EXPECT_TRUE(is_request_id(id)) << id;
    EXPECT_TRUE(ids.insert(id).second) << id;
  }
}

TEST(RequestId, OfACallerIsShortAndHarmless) {
  for (const std::string id : {"a", "A-b_c.9", "0af7651916cd43dd8448eb211c80319c"})
    EXPECT_TRUE(is_request_id(id)) << id;
  EXPECT_TRUE(is_request_id(std::string(64, 'a')));
  EXPECT_FALSE(is_request_id(std::string(65, 'a')));
  for (const std::string id : {"", "a b", "a\r\nb", "a=b", "a\"", "\xc3\xa4"}) EXPECT_FALSE(is_request_id(id)) << id;
}

TEST(RequestId, IsNoToken) {
  for (const std::string& id : {make_token(), "a." + make_token()}) EXPECT_FALSE(is_request_id(id)) << id;
}

}  // namespace
}  // namespace packwalk
