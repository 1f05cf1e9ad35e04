// One place has one canonical form, whatever form it came in.
#include "core/packet/canonical_form.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"
#include "core/packet/packet_test.h"

namespace packwalk {
namespace {

TrackPacket only_track(const DecodedBody& decoded) {
  EXPECT_EQ(1U, decoded.messages.size()) << (decoded.unreadable ? decoded.unreadable->reason : "");
  return std::get<TrackPacket>(decoded.messages.at(0).content);
}

TrackPacket from_json(const std::string& lat, const std::string& lon) {
  return only_track(decode_json(
      R"({"type":"track","status":1,"timestamp":1767261600,"lat":)" + lat + ",\"lon\":" + lon + "}", rules));
}

/// Of ten-millionths of a degree, as a firmware writes it without this program's functions.
TrackPacket from_wide(std::int32_t lat, std::int32_t lon) {
  std::string record = "\x11\x01";
  const auto append = [&record](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) record.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  };
  append(1767261600, 4);
  append(static_cast<std::uint32_t>(lat), 4);
  append(static_cast<std::uint32_t>(lon), 4);
  append(0, 4);
  return only_track(decode_binary(record, rules));
}

/// A coordinate of so many ten-millionths, and `beyond` of 1e-15 degree more away from 0, with `decimals`.
std::string decimal(std::int32_t ten_millionths, std::int64_t beyond, int decimals) {
  const std::int64_t whole = std::abs(std::int64_t{ten_millionths});
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s%lld.%07lld%08lld", ten_millionths < 0 ? "-" : "",
                static_cast<long long>(whole / 10'000'000), static_cast<long long>(whole % 10'000'000),
                static_cast<long long>(beyond));
  std::string all = text.data();
  return all.substr(0, all.find('.') + 1 + static_cast<std::size_t>(decimals));
}

void expect_one_form(std::int32_t lat, std::int32_t lon, std::int64_t beyond) {
  const TrackPacket wide = from_wide(lat, lon);
  const std::string want = canonical_form(wide);
  for (const int decimals : {7, 8, 9, 12, 15}) {
    const std::int64_t more = std::abs(lat) == 900'000'000 || std::abs(lon) == 1'800'000'000 ? 0 : beyond;
    const TrackPacket json = from_json(decimal(lat, more, decimals), decimal(lon, more, decimals));
    ASSERT_EQ(want, canonical_form(json)) << decimal(lat, more, decimals) << " " << decimal(lon, more, decimals);
    ASSERT_EQ(hash_of(wide), hash_of(json));
  }
  ASSERT_EQ(want, canonical_form(only_track(decode_json(encode_json(wide), rules))));
  ASSERT_EQ(want, canonical_form(only_track(decode_binary(encode_wide(wide), rules))));
  ASSERT_EQ(want, canonical_form(only_track(decode_binary(encode_binary(wide), rules)))) << "the plain record of it";
}

RC_GTEST_PROP(CanonicalForm, IsOneForAnyNumberOfDecimalsAndTheWideRecord, ()) {
  const auto lat = *rc::gen::inRange<std::int32_t>(-900'000'000, 900'000'001);
  const auto lon = *rc::gen::inRange<std::int32_t>(-1'800'000'000, 1'800'000'001);
  RC_PRE(lat != 0 || lon != 0);
  const auto beyond = *rc::gen::inRange<std::int64_t>(0, 49'000'000);  // less than half of 1e-7 degree
  expect_one_form(lat, lon, beyond);
}

/// Where rounding to float alone decides by the last digit: the ten-millionths beside the middle of two floats.
RC_GTEST_PROP(CanonicalForm, IsOneBesideTheMiddleOfTwoFloats, ()) {
  const auto degrees = *rc::gen::inRange<std::int32_t>(-89, 90);
  const auto step = *rc::gen::inRange<int>(0, 1 << 20);
  const float below = static_cast<float>(degrees) + static_cast<float>(step) / (1 << 20);
  const double middle = (double{below} + std::nextafter(below, 1000.0F)) / 2;
  const auto lat = static_cast<std::int32_t>(std::floor(middle * 1e7));
  const auto beyond = *rc::gen::inRange<std::int64_t>(0, 49'999'000);
  for (const std::int32_t each : {lat - 1, lat, lat + 1}) {
    if (each != 0 && std::abs(each) <= 900'000'000) expect_one_form(each, each, beyond);
  }
}

TEST(CanonicalForm, IsOneAtTheEndsOfTheEarth) {
  for (const std::int32_t lat : {-900'000'000, -899'999'999, -1, 0, 1, 899'999'999, 900'000'000}) {
    for (const std::int32_t lon : {-1'800'000'000, -1'799'999'999, -1, 0, 1, 1'799'999'999, 1'800'000'000}) {
      if (lat != 0 || lon != 0) expect_one_form(lat, lon, 12'345'678);
    }
  }
}

TEST(CanonicalForm, HasOneNameForTheMeridianOfTheDateLine) {
  const std::string want = canonical_form(from_json("1", "180"));
  for (const char* lon : {"-180", "-180.0", "-179.99999999", "179.99999999"})
    EXPECT_EQ(want, canonical_form(from_json("1", lon))) << lon;
  EXPECT_EQ(want, canonical_form(from_wide(10'000'000, -1'800'000'000)));
  EXPECT_EQ(want, canonical_form(only_track(decode_binary(encode_binary(from_json("1", "-180")), rules))));
  EXPECT_EQ(want, canonical_form(from_wide(10'000'000, -1'799'999'999))) << "which is a float's -180";
  EXPECT_NE(want, canonical_form(from_json("1", "-179.9")));
}

TEST(CanonicalForm, DoesNotDecideByTheLastDigit) {
  EXPECT_EQ(canonical_form(from_json("49.294359215", "8.1")), canonical_form(from_wide(492'943'592, 81'000'000)));
  EXPECT_NE(first_hash_of(from_json("49.294359215", "8.1")), first_hash_of(from_wide(492'943'592, 81'000'000)))
      << "as it did at first";
}

RC_GTEST_PROP(CanonicalForm, OfAPlainRecordIsThatOfTheNumberThatItHolds, ()) {
  const auto lat = static_cast<float>(*rc::gen::inRange<std::int32_t>(-900'000'000, 900'000'001)) / 1e7F;
  const auto lon = static_cast<float>(*rc::gen::inRange<std::int32_t>(-1'800'000'000, 1'800'000'001)) / 1e7F;
  RC_PRE(std::abs(lat) > 1e-6F && std::abs(lat) <= 90 && std::abs(lon) <= 180);
  TrackPacket packet = from_json("1", "1");
  packet.position = LatLon::from_degrees(lat, lon).value();
  const TrackPacket plain = only_track(decode_binary(encode_binary(packet), rules));
  RC_ASSERT(canonical_form(plain) == canonical_form(packet));
  RC_ASSERT(canonical_form(plain) == encode_binary(packet));
  RC_ASSERT(canonical_form(only_track(decode_json(encode_json(packet), rules))) == canonical_form(packet));
  // Beyond 2 degrees floats are farther apart than 1e-7, so that the record comes back as it was sent.
  if (std::abs(lat) >= 2) RC_ASSERT(static_cast<float>(plain.position.latitude()) == lat);
}

RC_GTEST_PROP(CanonicalForm, RoundsAndClampsLengthsAlikeInEveryForm, ()) {
  TrackPacket packet = from_json("48.5", "44.5");
  packet.altitude = *rc::gen::inRange<int>(-70'000, 70'000) / 8.0;
  packet.accuracy = *rc::gen::inRange<int>(0, 600'000) / 8.0;
  const std::string want = canonical_form(packet);
  RC_ASSERT(canonical_form(only_track(decode_json(encode_json(packet), rules))) == want);
  RC_ASSERT(canonical_form(only_track(decode_binary(encode_wide(packet), rules))) == want);
  RC_ASSERT(canonical_form(only_track(decode_binary(encode_binary(packet), rules))) == want);
}

TEST(FirstHash, IsThatOfMessagesThatWereKeptBeforeCoordinatesWereRoundedTo1e7) {
  // Of the golden records, whose hashes are told in tests/end_to_end/golden.py: both are the same.
  const TrackPacket plain = from_json("48.7081", "44.5153");
  EXPECT_EQ(first_hash_of(plain), hash_of(plain));
  const TrackPacket west = from_json("1", "-180");
  EXPECT_NE(first_hash_of(west), hash_of(west));
  const ActivityPacket activity{1, device_time(1767261630), Activity::walk, 52};
  EXPECT_EQ(first_hash_of(Content(activity), ""), hash_of(Content(activity), ""));
  EXPECT_EQ(hash_of_bytes("bytes"), first_hash_of(Content(Flaw{"", "is cut"}), "bytes"));
}

}  // namespace
}  // namespace packwalk
