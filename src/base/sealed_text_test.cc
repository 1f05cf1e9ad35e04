#include "base/sealed_text.h"

#include <gtest/gtest.h>

#include <set>

#include "base/base64.h"

namespace packwalk {
namespace {

SealKey key_of(std::uint8_t byte) {
  SealKey key{};
  key.fill(byte);
  return key;
}

TEST(SealedText, IsReadWithItsKeyAndItsContext) {
  for (const std::string& text :
       {std::string(), std::string("7"), std::string("1770000000.12.13"), std::string(64, '\0')}) {
    const std::string sealed = seal(key_of(1), text, "fixes of rex");
    EXPECT_EQ(12 + text.size() + 16, sealed.size());
    EXPECT_EQ(text, open_seal(key_of(1), sealed, "fixes of rex"));
    EXPECT_EQ(std::nullopt, open_seal(key_of(2), sealed, "fixes of rex"));
    EXPECT_EQ(std::nullopt, open_seal(key_of(1), sealed, "fixes of bob"));
    EXPECT_EQ(std::nullopt, open_seal(key_of(1), sealed, ""));
  }
}

TEST(SealedText, IsNotReadOnceAnyBitOfItIsAnother) {
  const std::string sealed = seal(key_of(1), "1770000000.12", "fixes");
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string forged = sealed;
    forged[i / 8] = static_cast<char>(forged[i / 8] ^ (1 << i % 8));
    EXPECT_EQ(std::nullopt, open_seal(key_of(1), forged, "fixes")) << i;
  }
}

TEST(SealedText, IsNotReadShorterOrLonger) {
  const std::string sealed = seal(key_of(1), "1770000000.12", "fixes");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(std::nullopt, open_seal(key_of(1), sealed.substr(0, size), "fixes")) << size;
  }
  EXPECT_EQ(std::nullopt, open_seal(key_of(1), sealed + '\0', "fixes"));
}

TEST(SealedText, IsAnotherOneEachTime) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) all.insert(seal(key_of(1), "12", "fixes"));
  EXPECT_EQ(100U, all.size());
}

TEST(SealedText, IsWhatOthersMakeOfTheSame) {  // made by the `cryptography` of Python
  const auto sealed = decode_base64("AAECAwQFBgcICQoLKbbeQC056XlHgsut0HZdyRYYWGelXZ/PomvuHLSepZI=");
  ASSERT_TRUE(sealed);
  EXPECT_EQ("1770000000.12.13", open_seal(key_of(7), *sealed, "context"));
}

TEST(Base64Url, NeedsNoEscapeInAUrlAndIsReadInOneFormOnly) {
  EXPECT_EQ("-_-_", base64url("\xfb\xff\xbf"));
  EXPECT_EQ("", base64url(""));
  for (const std::string& bytes : {std::string("a"), std::string("ab"), std::string("abc"), std::string(1, '\0')}) {
    EXPECT_EQ(bytes, decode_base64url(base64url(bytes)));
  }
  EXPECT_EQ("YQ", base64url("a"));
  for (const char* wrong : {"", "Y", "YQ==", "YR", "YQ=", "+/+/", "Y Q", "YQ\n", "YWJjY", "\xc3\xa4"}) {
    EXPECT_EQ(std::nullopt, decode_base64url(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace packwalk
