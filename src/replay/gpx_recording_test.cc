#include "replay/gpx_recording.h"

#include <gmock/gmock.h>

#include "replay/read_text.h"

namespace packwalk::replay {
namespace {

using namespace std::string_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Recording read(std::string_view text, const ReadRules& rules = of_file("rex")) {
  auto recording = read_recording(text, rules);
  EXPECT_TRUE(recording) << recording.error().detail;
  return recording ? *std::move(recording) : Recording();
}

std::string trouble(std::string_view text, const ReadRules& rules = of_file("rex")) {
  const auto recording = read_recording(text, rules);
  return recording ? "" : recording.error().detail;
}

std::string point(int second, const std::string& inside = "") {
  return "<trkpt lat=\"48.5\" lon=\"44.25\">" + inside + "<time>2023-11-14T22:13:" + std::to_string(second) +
         "Z</time></trkpt>\n";
}
std::string track(const std::string& points, const std::string& name = "") {
  return "<trk>" + (name.empty() ? "" : "<name>" + name + "</name>") + "<trkseg>" + points + "</trkseg></trk>";
}
std::string gpx(const std::string& inside) { return "<?xml version=\"1.0\"?>\n<gpx>" + inside + "</gpx>"; }

constexpr std::int64_t minute = 1'700'000'000 - 20;
Seen at(int second, const std::string& device = "rex") { return {device, minute + second, 48.5, 44.25}; }

TEST(Gpx, ReadsTheTrackPointsOfAllTracksInOrder) {
  const Recording recording = read(
      "<?xml version=\"1.0\"?>\n<gpx xmlns=\"http://www.topografix.com/GPX/1/1\"><wpt lat=\"1\" lon=\"1\"/>\n"
      "<trk><trkseg><trkpt lat=\"48.5\" lon=\"44.25\"><ele>12</ele><time>2023-11-14T22:13:20Z</time></trkpt>\n"
      "<trkpt lat=\"48.6\" lon=\"44.35\"/></trkseg></trk>\n"
      "<trk><trkseg><trkpt lat=\"48.7\" "
      "lon=\"44.45\"><time>2023-11-14T22:13:21.5Z</time></trkpt></trkseg></trk></gpx>");
  EXPECT_THAT(recording.names, ElementsAre("rex"));
  ASSERT_EQ(2U, recording.rows.size());
  EXPECT_EQ(MaybeMeters(12), recording.rows[0].packet.altitude);
  EXPECT_EQ(3U, recording.rows[0].line);
  EXPECT_EQ(1'700'000'001, recording.rows[1].packet.seconds);
  ASSERT_EQ(1U, recording.unreadable.size());
  EXPECT_EQ(4U, recording.unreadable[0].line);
  EXPECT_EQ("time is missing", recording.unreadable[0].reason);
  EXPECT_THAT(recording.reading.warnings, ElementsAre(HasSubstr("1 waypoint is not read (")));
}

TEST(Gpx, ReadsTimesWithoutAZoneAsUtc) {
  EXPECT_THAT(seen_in(read(gpx(track("<trkpt lat=\"48.5\" lon=\"44.25\"><time>2023-11-14T22:13:20</time></trkpt>"
                                     "<trkpt lat=\"48.5\" lon=\"44.25\"><time>2023-11-14T22:13:25.5</time></trkpt>")))),
              ElementsAre(at(20), at(25)));
}

TEST(Gpx, AnUnreadableValueBesideThePositionCostsOnlyItself) {
  const Recording recording =
      read(gpx(track(point(20, "<ele/>") + point(21, "<ele></ele>") + point(22, "<ele>nan</ele>") +
                     point(23, "<ele> 7 </ele><hdop>x</hdop>") + point(24, "<accuracy>?</accuracy>"))));
  EXPECT_THAT(recording.unreadable, IsEmpty());
  ASSERT_EQ(5U, recording.rows.size());
  EXPECT_FALSE(recording.rows[2].packet.altitude.known());
  EXPECT_EQ(MaybeMeters(7), recording.rows[3].packet.altitude);
}

TEST(Gpx, ReadsAccuracyAndHdopWhateverTheirNamespace) {
  const Recording recording = read(
      "<g:gpx xmlns:g=\"x\"><g:trk><g:trkseg><g:trkpt lat=\"1\" lon=\"2\"><g:time>2023-11-14T22:13:20Z</g:time>"
      "<g:hdop>0.9</g:hdop></g:trkpt><g:trkpt lat=\"1\" "
      "lon=\"2\"><g:time>2023-11-14T22:13:21Z</g:time><g:hdop>9</g:hdop>"
      "<g:extensions><osmand:x><osmand:accuracy>3.5</osmand:accuracy></osmand:x></g:extensions></g:trkpt></g:trkseg></"
      "g:trk></g:gpx>");
  ASSERT_EQ(2U, recording.rows.size());
  EXPECT_EQ(MaybeMeters(4.5), recording.rows[0].packet.accuracy);
  EXPECT_EQ(MaybeMeters(3.5), recording.rows[1].packet.accuracy);
}

TEST(Gpx, MakesADeviceOfEachNameWhereNamesDiffer) {
  const std::string file =
      gpx(track(point(20), "Rex") + track(point(21), "Bello") + track(point(22), "Rex") + track(point(23)));
  const Recording both = read(file, of_file("walk"));
  EXPECT_THAT(seen_in(both), ElementsAre(at(20, "Rex"), at(21, "Bello"), at(22, "Rex"), at(23, "walk")));
  EXPECT_THAT(both.reading.device_warning, HasSubstr("2 names, and each is read as a device"));
  EXPECT_THAT(read(file, {.device = "rex"}).names, ElementsAre("rex"));
  EXPECT_THAT(read(gpx(track(point(20), "Walk") + track(point(21), "Walk"))).names, ElementsAre("rex"));
  EXPECT_THAT(read(gpx(track(point(20), "Walk") + track("", "Other"))).names, ElementsAre("rex"))
      << "a track without points";
}

TEST(Gpx, ReadsWaypointsAndRoutesOnlyOnRequest) {
  const std::string file =
      gpx("<wpt lat=\"48.5\" lon=\"44.25\"><time>2023-11-14T22:13:20Z</time></wpt><wpt lat=\"1\" lon=\"2\"/>"
          "<rte><rtept lat=\"48.5\" lon=\"44.25\"><time>2023-11-14T22:13:21Z</time></rtept></rte>");
  EXPECT_THAT(trouble(file), HasSubstr("it has no track points, only 2 waypoints and 1 point of a route"));
  ReadRules rules = of_file("rex");
  rules.waypoints = true;
  const Recording recording = read(file, rules);
  EXPECT_THAT(seen_in(recording), ElementsAre(at(20), at(21)));
  EXPECT_THAT(recording.reading.warnings, ElementsAre(HasSubstr("1 waypoint or route point has no time")));
  EXPECT_THAT(trouble(gpx("<trk/>")), HasSubstr("no point"));
}

TEST(Gpx, ReadsAFileThatIsCutShortUpToTheCut) {
  const std::string whole = gpx(track(point(20) + point(21) + point(22) + point(23)));
  const std::size_t last = whole.rfind("<trkpt");
  for (std::size_t size = last; size < whole.rfind("</trkpt>"); ++size) {
    const Recording recording = read(whole.substr(0, size));
    EXPECT_THAT(seen_in(recording), ElementsAre(at(20), at(21), at(22))) << whole.substr(0, size);
    EXPECT_THAT(recording.unreadable, IsEmpty()) << size;
    EXPECT_THAT(recording.reading.warnings, ElementsAre(HasSubstr("the file is damaged or cut short"))) << size;
  }
}

TEST(Gpx, ReadsOnBehindADamage) {
  const std::string whole = gpx(track(point(20) + point(21) + point(22) + point(23)));
  const std::size_t second = whole.find("<trkpt", whole.find("<trkpt") + 1);
  for (std::size_t from = second; from < whole.find("</trkpt>", second); ++from) {
    std::string damaged = whole;
    damaged.replace(from, 4, 4, '\0');
    const Recording recording = read(damaged);
    EXPECT_THAT(seen_in(recording), Contains(at(20))) << from;
    EXPECT_THAT(seen_in(recording), Contains(at(22))) << from;
    EXPECT_THAT(seen_in(recording), Contains(at(23))) << from;
    EXPECT_THAT(recording.reading.warnings, testing::Not(IsEmpty())) << from;
  }
}

TEST(Gpx, ReadsOnBehindManyDamages) {
  std::string points;
  for (int i = 0; i < 2000; ++i) points += i % 10 == 0 ? "<trkpt lat=\"4\" lon=8.1></trkpt>\n" : point(20 + i % 40);
  const Recording recording = read(gpx(track(points, "Rex") + track(point(21) + "<trkpt lat=\"4", "Bello")));
  EXPECT_EQ(1801U, recording.rows.size());
  EXPECT_THAT(recording.names, ElementsAre("Rex", "Bello"));
  ASSERT_EQ(200U, recording.unreadable.size()) << "but for the one that is cut";
  EXPECT_EQ(2U, recording.unreadable[0].line);
  EXPECT_EQ(1992U, recording.unreadable[199].line);
  EXPECT_THAT(recording.unreadable[199].reason, HasSubstr("the point is damaged: "));
  EXPECT_GE(22U, recording.reading.warnings.size());
  EXPECT_THAT(recording.reading.warnings, Contains(HasSubstr("more such damages")));
}

TEST(Gpx, CountsTheRestAsLostWhereItGivesUp) {
  std::string inside = track(point(20));
  for (int i = 0; i < 100; ++i) inside += "<extensions a=b></extensions>" + track(point(21));
  const Recording recording = read(gpx(inside));
  EXPECT_LE(20U, recording.rows.size());
  EXPECT_EQ(101U, recording.rows.size() + recording.unreadable.size());
}

TEST(Gpx, CountsPointsOfWhichZerosAreLeft) {
  const std::string one = point(20);
  const std::string zeros = track(point(20) + std::string(500 * one.size(), '\0') + point(21) + point(22));
  const Recording recording = read(gpx(zeros));
  EXPECT_THAT(seen_in(recording), ElementsAre(at(20), at(21), at(22)));
  EXPECT_LE(300U, recording.unreadable.size());
  EXPECT_GE(500U, recording.unreadable.size());
}

TEST(Gpx, BearsEndsThatComeTwice) {
  const std::string whole = gpx(track(point(20)));
  EXPECT_THAT(seen_in(read(whole + "</gpx>")), ElementsAre(at(20)));
  EXPECT_THAT(seen_in(read(whole + "\n" + track(point(21)) + "</gpx>")), ElementsAre(at(20), at(21)));
  EXPECT_THAT(seen_in(read(whole + "\n</gpx>" + track(point(21)) + "</gpx>")), ElementsAre(at(20), at(21)));
  EXPECT_THAT(seen_in(read(whole + gpx(track(point(21))))), ElementsAre(at(20), at(21))) << "two files in one";
  EXPECT_THAT(seen_in(read(whole + std::string(500, '\0'))), ElementsAre(at(20)));
}

TEST(Gpx, KeepsTheNamesOfTracksBehindADamage) {
  const std::string damaged = gpx(track(point(20) + "<trkpt lat=\"4", "Rex") + track(point(21), "Bello"));
  EXPECT_THAT(seen_in(read(damaged)), ElementsAre(at(20, "Rex"), at(21, "Bello")));
}

TEST(Gpx, IsReadInEveryEncoding) {
  const std::string whole = gpx(track(point(20), "R\xC3\xA4x"));
  std::string wide = "\xFF\xFE";
  for (const char c : gpx(track(point(20)))) wide.append({c, '\0'});
  EXPECT_THAT(seen_in(read(wide)), ElementsAre(at(20)));
  EXPECT_THAT(seen_in(read("\xEF\xBB\xBF" + whole)), ElementsAre(at(20)));
  EXPECT_THAT(seen_in(read("\n  " + gpx(track(point(20))).substr(22))), ElementsAre(at(20)));
}

TEST(Gpx, TellsTheLinesOfLatin1AsTheyAreInTheFile) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<gpx>";
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "\xE4\n";
  const Recording damaged = read(head + track(point(20) + "<trkpt lat=\"4\n" + point(21), umlauts));
  ASSERT_FALSE(damaged.reading.warnings.empty());
  EXPECT_THAT(damaged.reading.warnings[0], HasSubstr("line 43: the file is damaged or cut short"));
  EXPECT_THAT(damaged.reading.warnings[0], HasSubstr("left out up to line 44"));
  EXPECT_EQ(42U, damaged.rows.at(0).line);
  EXPECT_EQ(44U, damaged.rows.at(1).line);
  EXPECT_THAT(read(head + track(point(20), "R\xE4x") + track(point(21), "Bello")).names,
              ElementsAre("R\xC3\xA4x", "Bello"));
}

TEST(Gpx, ReadsDigitsOfOtherScripts) {
  for (const char* time :
       {"\u06F2\u06F0\u06F2\u06F3-\u06F1\u06F1-\u06F1\u06F4T\u06F2\u06F2:\u06F1\u06F3:\u06F2\u06F0Z",
        "\u09E8\u09E6\u09E8\u09E9-\u09E7\u09E7-\u09E7\u09EAT\u09E8\u09E8:\u09E7\u09E9:\u09E8\u09E6Z"}) {
    EXPECT_THAT(seen_in(read(gpx(track("<trkpt lat=\"\u06F4\u06F8\u066B\u06F5\" lon=\"44.25\"><time>" +
                                       std::string(time) + "</time></trkpt>")))),
                ElementsAre(at(20)))
        << time;
  }
}

TEST(Gpx, RefusesWhatIsNoGpx) {
  EXPECT_THAT(trouble("<kml/>"), HasSubstr("its root element is <kml>"));
  EXPECT_THAT(trouble("<"), HasSubstr("not <gpx>"));
  EXPECT_THAT(trouble(gpx(track(point(20))), {}), HasSubstr("--device ID"));
}

}  // namespace
}  // namespace packwalk::replay
