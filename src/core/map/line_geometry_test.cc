#include "core/map/line_geometry.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

using Line = LineGeometry::Line;

Fix at(double longitude, double latitude, MaybeMeters altitude = {}) {
  return {.position = LatLon::from_degrees(latitude, longitude).value(), .altitude = altitude};
}

std::string geometry(const std::vector<Fix>& fixes, Line line = Line::multi_line_string) {
  std::string text;
  LineGeometry geometry(text, line);
  for (const Fix& fix : fixes) geometry.add(fix);
  geometry.end();
  return text;
}

TEST(LineGeometry, IsWhatFixesThereAre) {
  EXPECT_EQ("null", geometry({}));
  EXPECT_EQ(R"({"type":"Point","coordinates":[2.0000000,1.0000000,30.00]})", geometry({at(2, 1, 30)}));
  EXPECT_EQ(R"({"type":"MultiLineString","coordinates":[[[2.0000000,1.0000000,30.00],[3.0000000,1.5000000]]]})",
            geometry({at(2, 1, 30), at(3, 1.5)}));
  EXPECT_EQ(R"({"type":"LineString","coordinates":[[2.0000000,1.0000000],[3.0000000,1.5000000,7.00]]})",
            geometry({at(2, 1), at(3, 1.5, 7)}, Line::line_string));
}

TEST(LineGeometry, IsCutAtTheAntimeridian) {
  const std::vector<Fix> there_and_back = {at(179, 0), at(-179, 2), at(179, 4)};
  EXPECT_TRUE(crosses_antimeridian(there_and_back));
  EXPECT_EQ(
      R"({"type":"MultiLineString","coordinates":[[[179.0000000,0.0000000],[180.0000000,1.0000000]],[[-180.0000000,1.0000000],[-179.0000000,2.0000000],[-180.0000000,3.0000000]],[[180.0000000,3.0000000],[179.0000000,4.0000000]]]})",
      geometry(there_and_back));
  EXPECT_EQ(
      R"({"type":"MultiLineString","coordinates":[[[179.0000000,0.0000000],[180.0000000,2.0000000]],[[-180.0000000,2.0000000],[-180.0000000,2.0000000]]]})",
      geometry({at(179, 0), at(-180, 2)}));
  EXPECT_EQ(
      R"({"type":"MultiLineString","coordinates":[[[180.0000000,0.0000000],[180.0000000,0.0000000]],[[-180.0000000,0.0000000],[-180.0000000,2.0000000]]]})",
      geometry({at(180, 0), at(-180, 2)}));
  EXPECT_FALSE(crosses_antimeridian(std::vector{at(-90, 0), at(90, 0)}));
}

}  // namespace
}  // namespace packwalk
