#include "http/accepted_type.h"

#include <gtest/gtest.h>

#include <array>

namespace packwalk {
namespace {

std::string_view accepted(std::string_view accept) {
  constexpr std::array<std::string_view, 3> offered = {"application/json", "application/geo+json",
                                                       "application/gpx+xml"};
  return accepted_type(accept, offered);
}

TEST(AcceptedType, IsTheFirstOfAcceptThatIsOffered) {
  EXPECT_EQ("application/geo+json", accepted("application/geo+json"));
  EXPECT_EQ("application/geo+json", accepted("text/html, Application/Geo+JSON;charset=utf-8, application/json"));
  EXPECT_EQ("application/gpx+xml", accepted("application/gpx+xml, application/geo+json, */*"));
}

TEST(AcceptedType, FollowsWeights) {
  EXPECT_EQ("application/gpx+xml", accepted("application/geo+json;q=0.5, application/gpx+xml; q=0.501"));
  EXPECT_EQ("application/geo+json", accepted("application/geo+json, */*;q=0.1"));
  EXPECT_EQ("application/json", accepted("application/geo+json;q=0"));
  EXPECT_EQ("application/geo+json", accepted("application/json;q=0, application/*"));
  EXPECT_EQ("application/gpx+xml", accepted("*/*, application/json;q=0, application/geo+json;q=0.2"));
}

TEST(AcceptedType, IsTheFirstOfferedForWhoDoesNotCare) {
  for (const char* accept : {"", "*/*", "application/*", "text/html", "text/html,application/xml;q=0.9,*/*;q=0.8", ",",
                             "*/*;q=0", "application/geo+json;q=0, */*"}) {
    EXPECT_EQ("application/json", accepted(accept)) << accept;
  }
}

}  // namespace
}  // namespace packwalk
