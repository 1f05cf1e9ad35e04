#include "core/map/gpx.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

Fix at(std::int64_t seconds, double latitude, double longitude, MaybeMeters altitude = {}) {
  return {.position = LatLon::from_degrees(latitude, longitude).value(),
          .altitude = altitude,
          .timestamp = device_time(seconds)};
}

std::string track(const std::vector<Fix>& fixes, std::optional<std::chrono::seconds> gap) {
  std::string text;
  GpxTrack track(text, "rex", gap);
  for (const Fix& fix : fixes) track.add(fix);
  track.end();
  return text;
}

TEST(GpxTrack, IsNothingWithoutAFix) { EXPECT_EQ("", track({}, std::nullopt)); }

TEST(GpxTrack, HasNumbersWithoutExponent) {
  EXPECT_EQ(
      "<trk><name>rex</name><trkseg>\n"
      "<trkpt lat=\"-0.0000100\" lon=\"0.0000001\"><ele>0.00</ele>"
      "<time>1970-01-01T00:00:05Z</time></trkpt>\n"
      "</trkseg></trk>\n",
      track({at(5, -1e-5, 1.25e-7, -1e-9)}, std::nullopt));
}

TEST(GpxTrack, MarksAnOutlierAfterItsTime) {
  std::string text;
  GpxTrack track(text, "rex", std::nullopt);
  track.add(at(5, 1, 2), true);
  track.end();
  EXPECT_EQ(
      "<trk><name>rex</name><trkseg>\n"
      "<trkpt lat=\"1.0000000\" lon=\"2.0000000\"><time>1970-01-01T00:00:05Z</time><type>outlier</type></trkpt>\n"
      "</trkseg></trk>\n",
      text);
}

TEST(GpxTrack, BeginsASegmentAfterALongerGap) {
  const std::vector<Fix> fixes = {at(0, 1, 2), at(10, 1, 2), at(21, 1, 2), at(32, 1, 2)};
  const auto segments = [&](std::optional<std::chrono::seconds> gap) {
    const std::string text = track(fixes, gap);
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find("<trkseg>", at)) != std::string::npos; ++at) ++found;
    return found;
  };
  EXPECT_EQ(3U, segments(std::chrono::seconds(10)));
  EXPECT_EQ(1U, segments(std::chrono::seconds(11)));
  EXPECT_EQ(1U, segments(std::nullopt));
}

}  // namespace
}  // namespace packwalk
