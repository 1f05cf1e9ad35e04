#include "http/gzip.h"

#include <gtest/gtest.h>

#include <random>

namespace packwalk {
namespace {

constexpr std::size_t plenty = 64UL * 1024 * 1024;

TEST(Gzip, UnpacksWhatItPackedAndSeveralMembersToo) {
  EXPECT_EQ("hello", gunzip(gzip("hello"), plenty).value());
  EXPECT_EQ("hello you", gunzip(gzip("hello ") + gzip("you"), plenty).value());
}

TEST(Gzip, RefusesMoreThanMayComeOut) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < 200'000) text.append(std::to_string(random()));
  EXPECT_EQ(text, gunzip(gzip(text), text.size()).value());
  EXPECT_EQ(Errc::too_large, gunzip(gzip(text), text.size() - 1).error().code);
}

TEST(Gzip, RefusesWhatUnpacksToMoreThanAnyonesPackets) {
  EXPECT_EQ(60'000U, gunzip(gzip(std::string(60'000, ' ')), plenty).value().size()) << "a little is free";
  const std::string bomb = gzip(std::string(8'000'000, ' '));
  EXPECT_EQ(Errc::too_large, gunzip(bomb, plenty).error().code);
}

TEST(Gzip, OfAFileMayHaveAnyRatioAndZerosBehindIt) {
  const std::string spaces(8'000'000, ' ');
  EXPECT_EQ(spaces, gunzip_file(gzip(spaces), plenty).value());
  EXPECT_EQ(Errc::too_large, gunzip_file(gzip(spaces), spaces.size() - 1).error().code);
  EXPECT_EQ("hello you", gunzip_file(gzip("hello ") + gzip("you") + std::string(500, '\0'), plenty).value());
  EXPECT_EQ(Errc::invalid_input, gunzip_file(gzip("hello") + std::string(500, '\0') + "x", plenty).error().code);
  EXPECT_EQ(Errc::invalid_input, gunzip(gzip("hello") + std::string(500, '\0'), plenty).error().code);
}

TEST(Gzip, GivesWhatCouldBeReadOfAStreamThatIsCutShort) {
  std::string readable;
  const std::string packed = gzip("hello");
  EXPECT_EQ(Errc::invalid_input, gunzip(packed.substr(0, packed.size() - 4), plenty, &readable).error().code);
  EXPECT_EQ("hello", readable);
  EXPECT_EQ(Errc::invalid_input, gunzip("hello", plenty, &readable).error().code);
  EXPECT_EQ("", readable);
}

TEST(Gzip, MakesOneFileOfPieces) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text.append(std::to_string(i * 7919));
  for (const std::size_t piece : {std::size_t{1'000}, std::size_t{70'000}}) {
    GzipStream stream(1);
    std::string packed;
    std::string readable;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      packed.append(stream.add(std::string_view(text).substr(at, piece)));
      EXPECT_FALSE(gunzip(packed, 1'000'000, &readable));
      EXPECT_EQ(text.substr(0, at + piece), readable) << "each piece can be read when it is there";
    }
    packed.append(stream.finish(""));
    EXPECT_EQ(text, gunzip(packed, 1'000'000).value());
  }
}

}  // namespace
}  // namespace packwalk
