#include "http/path_hint.h"

#include <gtest/gtest.h>

#include <array>

namespace packwalk {
namespace {

constexpr std::array<std::string_view, 4> patterns = {"/", "/v1/packets", "/osmand", "/osmand/{token}"};
const PathHint hint(patterns);

std::string about(std::string_view path, std::string_view reason = "unknown_path") { return hint.about(reason, path); }

TEST(PathHint, NamesThePathThatWasProbablyMeant) {
  EXPECT_EQ("did you mean /osmand?", about("/osmnd/x"));
  EXPECT_EQ("did you mean /v1/packets?", about("/v2/packets"));
  EXPECT_EQ("did you mean /v1/packets?", about("/v1/packet"));
  EXPECT_EQ("did you mean /v1?", about("/v2/devices/rex"));
  EXPECT_EQ("the path begins with /v1", about("/v1/devices"));
  EXPECT_EQ("the path begins with /osmand", about("/osmand/x/y", "too_large"));
}

TEST(PathHint, NeverRepeatsWhatMayBeAToken) {
  EXPECT_EQ("", about("/pw_0123456789abcdef0123456789abcdef"));
  EXPECT_EQ("did you mean /osmand?", about("/osmandd/pw_0123456789abcdef0123456789abcdef"));
  EXPECT_EQ("", about(""));
  EXPECT_EQ("", about("/"));
}

TEST(PathHint, TellsTheCallerOnlyWhatIsNear) {
  EXPECT_EQ("did you mean /v1/packets?", hint.near("/v1/packet"));
  EXPECT_EQ("", hint.near("/v1/devices"));
  EXPECT_EQ("", hint.near("/traccar"));
}

TEST(PathHint, SaysWhenTheCallerSpeaksTls) {
  EXPECT_EQ("the caller uses TLS (https://), but this port speaks plain HTTP", about("", "tls"));
}

}  // namespace
}  // namespace packwalk
