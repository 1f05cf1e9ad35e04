#include "base/sha256.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(Sha256, IsThatOfSha256sum) {
  EXPECT_EQ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", sha256_text(""));
  EXPECT_EQ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", sha256_text("abc"));
}

TEST(Sha256, SignsAsRfc4231Says) {  // test case 2
  const std::string signature = hmac_sha256("Jefe", "what do ya want for nothing?");
  const std::string beginning("\x5b\xdc\xc1\x46\xbf\x60\x75\x4e", 8);
  EXPECT_EQ(32U, signature.size());
  EXPECT_EQ(beginning, signature.substr(0, 8));
  EXPECT_NE(signature, hmac_sha256("jefe", "what do ya want for nothing?"));
}

TEST(Sha256, DerivesKeysAsRfc5869Says) {  // test case 3: no salt, no purpose; the first 32 bytes
  const std::string key = hkdf_sha256(std::string(22, '\x0b'), "");
  EXPECT_EQ(std::string("\x8d\xa4\xe7\x75\xa5\x63\xc1\x8f\x71\x5f\x80\x2a\x06\x3c\x5a\x31"
                        "\xb8\xa1\x1f\x5c\x5e\xe1\x87\x9e\xc3\x45\x4e\x5f\x3c\x73\x8d\x2d",
                        32),
            key);
  EXPECT_NE(key, hkdf_sha256(std::string(22, '\x0b'), "another purpose"));
}

}  // namespace
}  // namespace packwalk
