#include "packwalk/configuration/config_secrets.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_folder.h"

namespace packwalk {
namespace {

class ConfigSecrets : public testing::Test {
 protected:
  Result<bool> in(const std::string& toml) {
    std::ofstream(folder_.file("packwalk.toml")) << toml;
    return holds_secret(folder_.file("packwalk.toml"));
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(ConfigSecrets, AreKeysAndPasswordsInUrls) {
  for (const char* toml :
       {"[notify]\nwebhook_secret = \"0123456789abcdef\"\n", "[mqtt]\nauth_secret = \"0123456789abcdef\"\n",
        "[store]\nurl = \"postgresql://me:hidden@db:5432/packwalk\"\n",
        "[store]\nurl = \"postgresql://db/packwalk?user=me&password=hidden\"\n",
        "[store]\nurl = \"postgresql:///db?pass%77ord=hidden\"\n", "[store]\nurl = \"host=db password = hidden\"\n",
        "[store]\nreplica_urls = \"postgresql://me:hidden@db\"\n",
        "[queue]\nurls = \"amqp://a:5672/,amqp://me:hidden@b:5672/\"\n",
        "[bus]\nurl = \"redis://me:hidden@r:6379\"\n"}) {
    const auto found = in(toml);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_TRUE(*found) << toml;
  }
}

TEST_F(ConfigSecrets, AreNotInOrdinarySettings) {
  for (const char* toml :
       {"", "[http]\nlisten = \"0.0.0.0:8080\"\n", "[store]\nurl = \"postgresql://me@db:5432/packwalk\"\n",
        "[bus]\nurl = \"redis://r:6379\"\n"}) {
    const auto found = in(toml);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_FALSE(*found) << toml;
  }
  EXPECT_FALSE(in("[nothing]\nx = 1\n"));
}

}  // namespace
}  // namespace packwalk
