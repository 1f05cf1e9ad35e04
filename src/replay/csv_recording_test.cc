#include "replay/csv_recording.h"

#include <gmock/gmock.h>

#include "replay/read_text.h"

namespace packwalk::replay {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Recording read(std::string_view text, const ReadRules& rules = of_file("file")) {
  auto recording = read_recording(text, rules);
  EXPECT_TRUE(recording) << recording.error().detail;
  return recording ? *std::move(recording) : Recording();
}

TEST(Csv, FindsTheUsualColumnsInAnyOrderAndReadsTheirNumbers) {
  const Recording recording = read(
      "\xEF\xBB\xBF"
      "Latitude,lng,ele,Time,id\r\n"
      "48.5,+44.25,-3.5,2023-11-14T22:13:20Z,rex\r\n"
      "\r\n"
      "1540371,-200,,1700000000.75,\"a \"\"b\"\", c\"\r\n");
  EXPECT_THAT(recording.names, ElementsAre("rex", "a \"b\", c"));
  ASSERT_EQ(2U, recording.rows.size());
  EXPECT_EQ(2U, recording.rows[0].line);
  EXPECT_EQ(4U, recording.rows[1].line);
  const RawTrack& first = recording.rows[0].packet;
  EXPECT_EQ(48.5, first.latitude);
  EXPECT_EQ(44.25, first.longitude);
  EXPECT_EQ(1'700'000'000, first.seconds);
  EXPECT_EQ(MaybeMeters(-3.5), first.altitude);
  EXPECT_FALSE(first.accuracy.known());
  const RawTrack& second = recording.rows[1].packet;
  EXPECT_EQ(1540371, second.latitude) << "what is out of range is for the server to judge";
  EXPECT_EQ(1'700'000'000, second.seconds);
  EXPECT_FALSE(second.altitude.known());
}

TEST(Csv, CountsRowsThatCannotBeReadWithTheirLines) {
  const Recording recording = read("device,timestamp,lat,lon\na,1,x,2\na,1\na,nan,1,2\n,1,1,2\na,1,1\na,1,1,2\n");
  EXPECT_EQ(1U, recording.rows.size());
  ASSERT_EQ(4U, recording.unreadable.size());
  EXPECT_EQ(2U, recording.unreadable[0].line);
  EXPECT_EQ("lat cannot be read: x", recording.unreadable[0].reason);
  EXPECT_EQ("timestamp is missing", recording.unreadable[1].reason);
  EXPECT_EQ("device is missing", recording.unreadable[2].reason);
  EXPECT_EQ("lon is missing", recording.unreadable[3].reason);
  EXPECT_EQ(1U, recording.reading.without_position);
}

TEST(Csv, AnUnreadableValueBesideThePositionCostsOnlyItself) {
  const Recording recording = read(
      "device,timestamp,lat,lon,altitude,accuracy\nrex,1,50,8,NaN,5\nrex,2,50,8,null,nan\nrex,3,50,8,None,\n"
      "rex,4,50,8,-,-\nrex,5,50,8, , \nrex,6,50,8,high,good\nrex,7,50,8,102 m,3 m\n");
  EXPECT_THAT(recording.unreadable, IsEmpty());
  ASSERT_EQ(7U, recording.rows.size());
  EXPECT_EQ(MaybeMeters(5), recording.rows[0].packet.accuracy);
  for (std::size_t i = 1; i < 6; ++i) {
    EXPECT_FALSE(recording.rows[i].packet.altitude.known()) << i;
    EXPECT_FALSE(recording.rows[i].packet.accuracy.known()) << i;
  }
  EXPECT_EQ(MaybeMeters(102), recording.rows[6].packet.altitude);
  EXPECT_EQ(MaybeMeters(3), recording.rows[6].packet.accuracy);
}

TEST(Csv, ReadsHdopWhereThereIsNoAccuracy) {
  EXPECT_EQ(MaybeMeters(4.5), read("device,timestamp,lat,lon,HDOP\na,1,1,2,0.9\n").rows.at(0).packet.accuracy);
  EXPECT_EQ(MaybeMeters(7), read("device,timestamp,lat,lon,HDOP,accuracy\na,1,1,2,0.9,7\n").rows.at(0).packet.accuracy);
}

TEST(Csv, ShowsBytesOfAFileShortenedAndWithoutWhatATerminalObeys) {
  const Recording recording =
      read("device,timestamp,lat,lon\nrex,1,\x1b]0;owned\x07,2\nrex," + std::string(1'000'000, 'x') + ",1,2\n");
  ASSERT_EQ(2U, recording.unreadable.size());
  EXPECT_EQ("lat cannot be read: \\x1b]0;owned\\x07", recording.unreadable[0].reason);
  EXPECT_GT(200U, recording.unreadable[1].reason.size());
}

TEST(Csv, TakesTheColumnsThatTheOperatorNames) {
  const auto columns = columns_from("device=who,lat=Y,lon=X,timestamp=t");
  ASSERT_TRUE(columns) << columns.error().detail;
  EXPECT_THAT(seen_in(read("X;Y;t;who\n1;2;3;rex\n", {.columns = *columns})), ElementsAre(Seen{"rex", 3, 2, 1}));
  EXPECT_THAT(seen_in(read("day,hour,lat,lon\n2026-03-02,10:00:05,1,2\n",
                           {.columns = columns_from("date=day,clock=hour").value(), .device = "rex"})),
              ElementsAre(Seen{"rex", 1772445605, 1, 2}));
  for (const char* text : {"lat", "lat=", "speed=v"}) EXPECT_FALSE(columns_from(text)) << text;
  EXPECT_TRUE(columns_from(""));
}

TEST(Csv, SaysWhichColumnItDoesNotFind) {
  const auto trouble = [](std::string_view text, const ReadRules& rules) {
    const auto recording = read_recording(text, rules);
    return recording ? "" : recording.error().detail;
  };
  EXPECT_THAT(trouble("timestamp,lat,lon\n1,2,3\n", {}), HasSubstr("--device ID"));
  EXPECT_THAT(trouble("device,timestamp,lat,Laenge\n", {}), testing::AllOf(HasSubstr("the lon"), HasSubstr("Laenge")));
  EXPECT_THAT(trouble("timestamp,b\n", {.columns = {{Column::lat, "c"}}, .device = "rex"}), HasSubstr("no column c"));
  EXPECT_THAT(trouble("device,timestamp,lat,lon\n", {.device = "rex"}), HasSubstr("--device"));
  EXPECT_THAT(trouble("1700000000,50.1,8.1\n1700000005,50.1,8.1\n", of_file("x")),
              HasSubstr("its first line has no column names. Add a header"));
  EXPECT_THAT(trouble("", of_file("x")), HasSubstr("empty"));
  EXPECT_EQ(1U, read("timestamp,lat,lon\n1,2,3\n", {.device = "rex"}).rows.size());
}

TEST(Csv, LeavesOutWhatTheRecorderDoesNotBelieveInWhateverLanguage) {
  std::string text = "timestamp,valid,lat,lon\n";
  for (const char* no : {"FALSE", "FALSCH", "FAUX", "nein", "0", "0.0", "0,0", "not valid", "V"}) {
    text += "1,\"" + std::string(no) + "\",1,2\n";
  }
  for (const char* yes : {"WAHR", "VRAI", "1", "1.0", "3", ""}) text += "2," + std::string(yes) + ",1,2\n";
  const Recording known = read(text);
  EXPECT_EQ(9U, known.reading.not_visible);
  EXPECT_EQ(6U, known.rows.size());
  EXPECT_THAT(known.reading.warnings, IsEmpty());
  const Recording other = read(text + "3,-1,1,2\n4,perhaps,1,2\n");
  EXPECT_EQ(8U, other.rows.size());
  EXPECT_THAT(other.reading.warnings, ElementsAre(HasSubstr("visible is not understood in 2 rows, such as -1")));
}

TEST(Csv, LeavesOutWhatIsMarkedAsAnOutlier) {
  const std::string header = "timestamp,location-long,location-lat,manually-marked-outlier,algorithm-marked-outlier";
  const Recording marked = read(header + "\n1,8,50,true,\n2,8,50,,TRUE\n3,8,50,,\n4,8,50,false,false\n");
  EXPECT_EQ(2U, marked.rows.size());
  EXPECT_EQ(2U, marked.reading.not_visible);
  EXPECT_THAT(marked.reading.meanings, Contains("outlier = manually-marked-outlier"));
  const Recording both = read(header + ",visible\n1,8,50,true,,\n2,8,50,,true,true\n3,8,50,,,false\n");
  ASSERT_EQ(1U, both.rows.size());
  EXPECT_EQ(2, both.rows[0].packet.seconds) << "what is visible was judged after it was marked";
}

TEST(Csv, TakesNoCountSinceTheStartForATimeWhereADateStandsBesideIt) {
  const std::vector<Seen> want = {{"file", 1772445605, 1, 2}};
  EXPECT_EQ(want, seen_in(read("timestamp,date,time,lat,lon\n1000,2026-03-02,10:00:05,1,2\n")));
  EXPECT_EQ(want, seen_in(read("timestamp,datetime,lat,lon\n0,2026-03-02T10:00:05Z,1,2\n")));
  EXPECT_EQ(want, seen_in(read("timestamp,time,lat,lon\n0,2026-03-02 10:00:05,1,2\n")));
  EXPECT_EQ(want, seen_in(read("timestamp,date,time,lat,lon\n1772445605,2026-03-02,11:00:05,1,2\n")));
  EXPECT_EQ((std::vector<Seen>{{"file", 1000, 1, 2}}), seen_in(read("timestamp,date,time,lat,lon\n1000,x,y,1,2\n")));
}

TEST(Csv, RefusesFilesThatWereJoinedWithTheirColumnsInAnotherOrder) {
  const auto trouble = [](std::string_view text) {
    const auto recording = read_recording(text, of_file("rex"));
    return recording ? "" : recording.error().detail;
  };
  EXPECT_THAT(trouble("time,lat,lon\n1,50,8\ntime,lon,lat\n2,8,50\n"),
              HasSubstr("line 3 is another header, with other"));
  EXPECT_THAT(trouble("time,lat,lon\n1,50,8\n\nLatitude,Longitude,Time\n50,8,2\n"),
              HasSubstr("line 4 is another header"));
  const Recording same = read("time,lat,lon\n1,50,8\nTime,Lat,Lon\n2,50,8\n");
  EXPECT_EQ(2U, same.rows.size());
  EXPECT_EQ(1U, same.unreadable.size());
}

TEST(Csv, ReadsTheClockOfAModemAsADate) {
  const Recording recording = read("timestamp,lat,lon\n20260302100005.000,1,2\n20260302100006.000,1,2\n");
  EXPECT_THAT(seen_in(recording), ElementsAre(Seen{"file", 1772445605, 1, 2}, Seen{"file", 1772445606, 1, 2}));
  EXPECT_THAT(recording.reading.meanings, Contains("timestamp = timestamp (yyyymmddhhmmss)"));
  EXPECT_THAT(recording.reading.warnings, IsEmpty());
}

TEST(Csv, IsOfTheFilesDeviceWhereNoColumnTellsOne) {
  EXPECT_THAT(seen_in(read("time,lat,lon\n1,2,3\n", of_file("bello"))), ElementsAre(Seen{"bello", 1, 2, 3}));
}

TEST(Csv, TakesNoRowNumberForTheDevice) {
  EXPECT_THAT(read("id,timestamp,lat,lon,collar\n0,1,2,3,rex\n1,2,2,3,rex\n").names, ElementsAre("rex"));
  EXPECT_THAT(read("id,animal,timestamp,lat,lon\n1,rex,1,2,3\n2,rex,2,2,3\n").names, ElementsAre("rex"));
  EXPECT_THAT(read("id,name,timestamp,lat,lon\n1,rex,1,2,3\n2,rex,2,2,3\n").names, ElementsAre("rex"));
  EXPECT_THAT(read("tag_id,individual_id,timestamp,lat,lon\n7,rex,1,2,3\n8,rex,2,2,3\n").names, ElementsAre("rex"));
  const Recording numbered = read("id,timestamp,lat,lon\n0,1,2,3\n1,2,2,3\n");
  EXPECT_THAT(numbered.names, ElementsAre("file"));
  EXPECT_THAT(numbered.reading.warnings,
              Contains(HasSubstr("the column id has another value in each row, or none in some")));
  EXPECT_THAT(read("Name,Time,Latitude,Longitude\nWPT1,1,2,3\nWPT2,2,2,3\nWPT3,3,2,3\n").names, ElementsAre("file"));
  EXPECT_THAT(read("Name,Time,Latitude,Longitude\n,1,2,3\nEnd,2,2,3\n").names, ElementsAre("file"));
  EXPECT_THAT(read("id,timestamp,lat,lon\n0,1,2,3\n1,2,2,3\n0,3,2,3\n").names, ElementsAre("0", "1"));
  EXPECT_THAT(read("id,timestamp,lat,lon\n0,1,2,3\n1,2,2,3\n", {.columns = {{Column::device, "id"}}}).names,
              ElementsAre("0", "1"));
}

TEST(Csv, JoinsADateAndAClock) {
  const Seen want{"file", 1772445605, 50.1, 8.1};
  for (const char* text :
       {"Date,Time,Latitude,Longitude\n2026/03/02,10:00:05,50.1,8.1\n",
        "utc_d,utc_t,lat,lon\n2026-03-02,10:00:05.9,50.1,8.1\n",
        "DATE,TIME,LATITUDE N/S,LONGITUDE E/W\n260302,100005,50.1N,8.1E\n",
        "date,time,lat,lon\n2026-03-02,2026-03-02T10:00:05Z,50.1,8.1\n", "date,lat,lon\n2026-03-02 10:00:05,50.1,8.1\n",
        "Date,Time,timestamp,lat,lon\n1,2,1772445605,50.1,8.1\n"}) {
    EXPECT_THAT(seen_in(read(text)), ElementsAre(want)) << text;
  }
  const Recording odd =
      read("date,time,lat,lon\n2015-09-10,7:00:00,1,2\n2015-09-10,25:00:34,1,2\n2015-09-10,7:00:01,1,2\n");
  EXPECT_EQ(2U, odd.rows.size());
  ASSERT_EQ(1U, odd.unreadable.size());
  EXPECT_EQ("timestamp cannot be read: 2015-09-10 25:00:34", odd.unreadable[0].reason);
}

TEST(Csv, ReadsTheFilesOfLoggers) {
  // iBlue 747, as GPSBabel has it in reference/track/iblue747.csv.
  EXPECT_THAT(
      seen_in(read("INDEX,RCR,DATE,TIME,VALID,LATITUDE,N/S,LONGITUDE,E/W,HEIGHT,SPEED,DISTANCE,\n"
                   "1,T,2005/05/01,10:12:47,Unknown,51.311770,N,12.413179,W,146,0.0,0.000000\n"
                   "2,T,2005/05/01,10:13:04,Unknown,51.311807,S,12.412898,E,146,4.2,0.019979\n")),
      ElementsAre(Seen{"file", 1114942367, 51.31177, -12.413179}, Seen{"file", 1114942384, -51.311807, 12.412898}));
  // MTK, reference/track/mtk_logger.csv.
  const Recording mtk = read(
      "INDEX,RCR,DATE,TIME,VALID,LATITUDE,N/S,LONGITUDE,E/W,HEIGHT,SPEED,HEADING,NSAT (USED/VIEW),DISTANCE,\n"
      "1,T,2008/01/27,13:03:22.836,No fix,57.719581,N,12.016372,E,98.470 m,0.000 km/h,0.000000,0(7),      0.00 m,\n"
      "9,T,2008/01/27,13:03:42.836,SPS,57.719581,N,12.016372,E,98.470 m,0.000 km/h,0.000000,0(7),      0.00 m,\n");
  EXPECT_THAT(seen_in(mtk), ElementsAre(Seen{"file", 1201439022, 57.719581, 12.016372}));
  EXPECT_EQ(1U, mtk.reading.not_visible);
  EXPECT_EQ(MaybeMeters(98.47), mtk.rows[0].packet.altitude);
  // Columbus V-900, reference/v900_basic_mode.csv.
  using namespace std::string_literals;
  EXPECT_THAT(
      seen_in(read("INDEX,TAG,DATE,TIME,LATITUDE N/S,LONGITUDE E/W,HEIGHT,SPEED,HEADING,VOX\r\n"
                   "68\0\0\0\0,T,090404,063510,31.765973N,035.206901E,827\0\0,12\0\0,357,\0\0\0\0\0\0\0\0\0\r\n"s)),
      ElementsAre(Seen{"file", 1238826910, 31.765973, 35.206901}));
}

TEST(Csv, ReadsFilesOfMovebank) {
  const Recording movebank = read(
      "event-id,visible,timestamp,location-long,location-lat,height-above-ellipsoid,sensor-type,tag-local-identifier,"
      "individual-local-identifier,study-name\n"
      "1,true,2017-06-24 01:03:57.000,-5.113851,50.170315,154.67,gps,Tag_15,\"Ares\",Pet Cats\n"
      "2,false,2017-06-24 01:11:20.000,-5.113851,50.170316,154.67,gps,Tag_15,\"Ares\",Pet Cats\n"
      "3,true,2017-06-24 02:58:17.000,,,,gps,Tag_15,\"Ares\",Pet Cats\n");
  EXPECT_THAT(seen_in(movebank), ElementsAre(Seen{"Ares", 1498266237, 50.170315, -5.113851}));
  EXPECT_EQ(1U, movebank.reading.not_visible);
  EXPECT_EQ(1U, movebank.reading.without_position);
  EXPECT_THAT(movebank.unreadable, IsEmpty());
  EXPECT_THAT(
      read("timestamp,location-lat,location-long,tag-local-identifier,individual-local-identifier\n1,2,3,T1,\n").names,
      ElementsAre("T1"))
      << "animals that were given no name";
  for (const char* name : {"individual_local_identifier", "individual.local.identifier"}) {
    EXPECT_THAT(read("timestamp,location_lat,location_long," + std::string(name) + "\n1,2,3,rex\n").names,
                ElementsAre("rex"));
  }
}

TEST(Csv, ReadsDegreesOfEverySpelling) {
  EXPECT_THAT(seen_in(read("timestamp,latitudeE7,longitudeE7\n1,525200000,-134050000\n")),
              ElementsAre(Seen{"file", 1, 52.52, -13.405}));
  EXPECT_THAT(seen_in(read("time;lat;lon;elevation\n1;52,5200;13,4050;34,0\n")),
              ElementsAre(Seen{"file", 1, 52.52, 13.405}));
  EXPECT_THAT(seen_in(read("time,lat,lon\n1,\"52,52\",\"13,405\"\n")), ElementsAre(Seen{"file", 1, 52.52, 13.405}));
  const Recording round = read("time,lat,lon\n1,-17,179.5\n2,-17,180.5\n3,-17,360\n");
  EXPECT_THAT(seen_in(round),
              ElementsAre(Seen{"file", 1, -17, 179.5}, Seen{"file", 2, -17, -179.5}, Seen{"file", 3, -17, 0}));
  EXPECT_THAT(round.reading.warnings, Contains(HasSubstr("2 longitudes over 180")));
}

TEST(Csv, FindsTheHemisphereBesideTheDegreesThoughSomeRowsHaveNone) {
  const std::string names = "time,lat,n/s,lon,e/w\n";
  const std::vector<Seen> south_west = {Seen{"file", 1, -33.9, -18.4}};
  EXPECT_EQ(south_west, seen_in(read(names + "1,33.9,S,18.4,W\n")));
  EXPECT_EQ(south_west, seen_in(read(names + "0,,,,\n1,33.9,S,18.4,W\n")));
  EXPECT_EQ(south_west, seen_in(read(names + "1,33.9,S,18.4,W\n2,33.9,S,18.4\n")));
  EXPECT_EQ(south_west, seen_in(read(names + "1,33.9,S,18.4,W\n2,33.9\n")));
}

TEST(Csv, ReadsNoRowThatHasMoreValuesThanThereAreColumns) {
  const Recording moved = read("time,kmh,lat,lon\n1,1,5,48.7,9.1\n2,1.5,48.7,9.1\n3,2.5,48.7,9.1,,\n");
  EXPECT_THAT(seen_in(moved), ElementsAre(Seen{"file", 2, 48.7, 9.1}, Seen{"file", 3, 48.7, 9.1}));
  EXPECT_EQ(1U, moved.unreadable.size());
}

TEST(Csv, ReadsOtherDatesOnRequest) {
  const std::string german = "Zeit;lat;lon\n02.03.2026 10:00:05;50,1;8,1\n";
  ReadRules rules = of_file("rex");
  rules.columns = {{Column::timestamp, "Zeit"}};
  const auto unread = read(german, rules).unreadable;
  ASSERT_EQ(1U, unread.size());
  EXPECT_EQ("timestamp cannot be read: 02.03.2026 10:00:05 (give --day-first or --month-first)", unread[0].reason);
  rules.times.order = DateOrder::day_first;
  EXPECT_THAT(seen_in(read(german, rules)), ElementsAre(Seen{"rex", 1772445605, 50.1, 8.1}));
  rules = {.file_device = "rex", .times = {.excel_days = true}};
  EXPECT_THAT(seen_in(read("Time\tLat\tLon\n46083.416724537\t50.1\t8.1\n", rules)),
              ElementsAre(Seen{"rex", 1772445605, 50.1, 8.1}));
}

TEST(Csv, SaysWhichOrderReadsADate) {
  const auto reason = [](const std::string& date) {
    return read("timestamp,lat,lon\n" + date + ",50.1,8.1\n", of_file("rex")).unreadable.at(0).reason;
  };
  EXPECT_EQ("timestamp cannot be read: 31.01.2026 (give --day-first)", reason("31.01.2026"));
  EXPECT_EQ("timestamp cannot be read: 12/31/2025 10:00 (give --month-first)", reason("12/31/2025 10:00"));
  EXPECT_EQ("timestamp cannot be read: 32.01.2026", reason("32.01.2026"));
}

TEST(Csv, ReadsWhatExcelSavesInWesternEurope) {
  const std::string table =
      "Ger\xE4t;Zeit;Latitude [\xB0];Longitude [\xB0]\nB\xE4r \x80;2026-03-02 10:00:05;50,1;8,1\n";
  ReadRules rules;
  rules.columns = {{Column::device, "Ger\xC3\xA4t"}, {Column::timestamp, "Zeit"}};
  const Recording recording = read(table, rules);
  EXPECT_THAT(seen_in(recording), ElementsAre(Seen{"B\xC3\xA4r \xE2\x82\xAC", 1772445605, 50.1, 8.1}));
  EXPECT_THAT(recording.reading.warnings,
              testing::Contains("it is not UTF-8. Non-ASCII letters are read as Windows-1252 (Latin-1)"));
  // One damaged byte in a file that is UTF-8.
  const Recording damaged =
      read("device,timestamp,lat,lon\nB\xC3\xA4r,1772445605,50.1,8.1\nB\xE4r,1772445606,50.1,8.1\n");
  EXPECT_EQ("B\xC3\xA4r", damaged.names.at(0));
  EXPECT_TRUE(damaged.reading.warnings.empty());
}

TEST(Csv, SaysHowItWasRead) {
  const Reading reading = read("collar;Time;lat;lon\nrex;1772445600000;1;2\n").reading;
  EXPECT_EQ("CSV, separated by semicolons", reading.form);
  EXPECT_THAT(reading.meanings,
              ElementsAre("device = collar", "timestamp = Time (milliseconds)", "lat = lat", "lon = lon"));
  EXPECT_THAT(reading.warnings, ElementsAre("the numbers of Time are read as milliseconds, by their size"));
}

TEST(Csv, MayHaveCommentsAndTheirNamesInOne) {
  const Recording recording = read("# made by hand\n#device,timestamp,lat,lon\nrex,1,2,3\n# a pause\nrex,2,2,3\n");
  EXPECT_EQ(2U, recording.rows.size());
  EXPECT_THAT(recording.names, ElementsAre("rex"));
  EXPECT_EQ("CSV, separated by commas, 2 lines of comments", recording.reading.form);
}

TEST(Csv, SaysWhereAQuoteIsNotClosed) {
  const Recording recording =
      read("device,timestamp,lat,lon,note\nrex,1,2,3,a\nrex,2,2,3,\"5 m behind\nrex,3,2,3,b\nrex,4,2,3,c\n");
  EXPECT_EQ(4U, recording.rows.size());
  EXPECT_THAT(recording.reading.warnings, Contains(HasSubstr("line 3: a quote is not closed")));
}

TEST(Csv, KnowsADeviceWithAHashFromAComment) {
  EXPECT_THAT(read("device,timestamp,lat,lon\n#7,1,2,3\n# a pause\n#8,2,2,3\n").names, ElementsAre("#7", "#8"));
  EXPECT_THAT(read("# made by hand\ndevice,timestamp,lat,lon\nrex,1,2,3\n#rex,2,2,3\n").names, ElementsAre("rex"))
      << "here lines with # are comments, and so may a row be one";
  EXPECT_EQ(1U, read("timestamp,lat,lon\n1,2,3\n#2,2,3\n").rows.size()) << "no time begins with #";
}

TEST(Csv, TakesATimeOfUtcRatherThanOneWithoutAZone) {
  const Seen want{"file", 1772445605, 1, 2};
  for (const char* text :
       {"timestamp,timestamp_utc,lat,lon\n2026-03-02 11:00:05,2026-03-02 10:00:05,1,2\n",
        "timestamp,timestamp (UTC),lat,lon\n2026-03-02 11:00:05,2026-03-02 10:00:05,1,2\n",
        "datetime,gps_time_utc,lat,lon\n2026-03-02 11:00:05,2026-03-02 10:00:05,1,2\n",
        "time,time_utc,lat,lon\n2026-03-02 11:00:05,2026-03-02T10:00:05,1,2\n",
        "date,time,utc_date,utc_time,lat,lon\n2026-03-02,11:00:05,2026-03-02,10:00:05,1,2\n",
        "timestamp,utc_date,utc_time,lat,lon\n2026-03-02 11:00:05,2026-03-02,10:00:05,1,2\n",
        "timestamp,timestamp_utc,lat,lon\n2026-03-02 11:00:05+01:00,,1,2\n",
        "timestamp,timestamp_utc,lat,lon\n1772445605,?,1,2\n", "timestamp,outcome_time,lat,lon\n1772445605,,1,2\n",
        "timestamp,utc_offset,lat,lon\n2026-03-02 10:00:05,+1,1,2\n",
        "timestamp,timestamp_utc,lat,lon\n2026-03-02 10:00:05,,1,2\n"}) {
    EXPECT_THAT(seen_in(read(text)), ElementsAre(want)) << text;
  }
  EXPECT_THAT(read("timestamp,timestamp_utc,lat,lon\n2026-03-02 11:00,2026-03-02 10:00,1,2\n").reading.meanings,
              Contains("timestamp = timestamp_utc"));
}

TEST(Csv, ReadsClocksOfHoursAndMinutes) {
  const auto seconds = [](const std::string& clocks) {
    std::string text = "date,time,lat,lon\n";
    for (std::size_t at = 0; at < clocks.size(); at = clocks.find(' ', at) + 1) {
      text += "2026-03-02," + clocks.substr(at, clocks.find(' ', at) - at) + ",1,2\n";
      if (clocks.find(' ', at) == std::string::npos) break;
    }
    std::vector<std::int64_t> all;
    for (const Seen& seen : seen_in(read(text))) all.push_back(seen.seconds - 1772409600);
    return all;
  };
  EXPECT_THAT(seconds("0705 1005 2359"), ElementsAre(25'500, 36'300, 86'340));
  EXPECT_THAT(seconds("070512 100500"), ElementsAre(25'512, 36'300));
  EXPECT_THAT(seconds("1000 1005"), ElementsAre(36'000, 36'300));
  EXPECT_THAT(seconds("955 1005 100000"), ElementsAre(595, 605, 36'000)) << "zeros are lost";
  EXPECT_THAT(seconds("1005 2401"), ElementsAre(605, 1'441)) << "24 is no hour";
  std::string many;
  for (int i = 0; i < 300; ++i) many += "1000 ";
  EXPECT_EQ(600, seconds(many + "100005").front()) << "the last row tells it";
  EXPECT_THAT(read("date,time,lat,lon\n2026-03-02,1000,1,2\n").reading.meanings,
              Contains("timestamp = date and time (hours and minutes)"));
}

TEST(Csv, ReadsClocksOfHoursAndMinutesBesideDamagedOnes) {
  const auto text_of = [](std::string_view first, std::string_view other) {
    std::string text = "device,date,time,lat,lon\nrex,2026-03-02," + std::string(first) + ",1,2\n";
    for (int i = 0; i < 30; ++i) text += "rex,2026-03-02,10" + std::to_string(10 + i) + ",1,2\n";
    return text + "rex,2026-03-02," + std::string(other);
  };
  constexpr std::int64_t ten_hours_ten = 1772409600 + 36'600;
  for (const std::string_view other : {"17", "174", "bad,1,2\n", "2400,1,2\n", "2530,1,2\n", "7,1,2\n", "?"}) {
    const Recording recording = read(text_of("1000", other));
    ASSERT_LE(31U, recording.rows.size()) << other;
    EXPECT_EQ(ten_hours_ten, recording.rows[1].packet.seconds) << other;
  }
  EXPECT_EQ(ten_hours_ten, read(text_of("0930", "100005,1,2\n")).rows[1].packet.seconds) << "zeros are not lost";
  EXPECT_THAT(read(text_of("0930", "2530,1,2\n")).reading.warnings, IsEmpty());
  EXPECT_THAT(read(text_of("1000", "17")).reading.warnings, IsEmpty());
  EXPECT_THAT(read(text_of("1000", "7,1,2\n")).reading.warnings,
              ElementsAre("some clocks of time have four digits and some have not; 1005 is read as 10:05, hours and "
                          "minutes"));
  const Recording without_zeros = read(text_of("1000", "100005,1,2\n"));
  EXPECT_EQ(1772409600 + 610, without_zeros.rows[1].packet.seconds);
  EXPECT_THAT(without_zeros.reading.warnings, ElementsAre(HasSubstr("1005 is read as 00:10:05, without its zeros")));
}

TEST(Csv, TakesAnEpochBesideALocalTime) {
  const std::string text = "timestamp,epoch,lat,lon\n2026-03-02 11:00:05,1772445605,1,2\n";
  EXPECT_THAT(seen_in(read(text)), ElementsAre(Seen{"file", 1772445605, 1, 2}));
  EXPECT_THAT(seen_in(read("datetime,timestamp,lat,lon\n2026-03-02T10:00:05Z,2026-03-02 11:00:05,1,2\n")),
              ElementsAre(Seen{"file", 1772445605, 1, 2}));
  EXPECT_THAT(seen_in(read("timestamp,epoch,lat,lon\n2026-03-02 10:00:05,7,1,2\n")),
              ElementsAre(Seen{"file", 1772445605, 1, 2}))
      << "a number that is no time";
}

TEST(Csv, CountsOneOfAThingAsOne) {
  const Recording one = read("#x\ntimestamp,lat,lon,note\n1,2,300,\"a\n2,2,3,\"b\n3,2,3,\"c\n4,2,3,\"d\n");
  EXPECT_EQ("CSV, separated by commas, 1 line of comments", one.reading.form);
  EXPECT_THAT(one.reading.warnings, Contains("so are quotes of 1 more line"));
  EXPECT_THAT(one.reading.warnings, Contains(HasSubstr("1 longitude over 180 is read as west")));
}

TEST(Csv, FindsTheNamesOfTheOperatorInAComment) {
  ReadRules rules = of_file("file");
  rules.columns = {{Column::device, "who"}, {Column::timestamp, "when"}, {Column::lat, "y"}, {Column::lon, "x"}};
  EXPECT_THAT(seen_in(read("# a note\n#who,when,y,x\nrex,1,2,3\n", rules)), ElementsAre(Seen{"rex", 1, 2, 3}));
}

TEST(Csv, LeavesOutWhatNmeaCallsVoid) {
  for (const char* name : {"status", "Status", "fix_status", "valid", "A/V"}) {
    const Recording recording =
        read("device,timestamp,lat,lon," + std::string(name) + "\nrex,1,2,3,A\nrex,2,2,3,V\nrex,3,2,3,\nrex,4,2,3,v\n");
    EXPECT_THAT(seen_in(recording), ElementsAre(Seen{"rex", 1, 2, 3}, Seen{"rex", 3, 2, 3})) << name;
    EXPECT_EQ(2U, recording.reading.not_visible) << name;
  }
  EXPECT_EQ(1U, read("device,timestamp,lat,lon,fix\nrex,1,2,3,3D\nrex,2,2,3,No fix\n").rows.size());
  EXPECT_EQ(2U, read("device,timestamp,lat,lon,status\nrex,1,2,3,V\nrex,2,2,3,low\n").rows.size());
  EXPECT_EQ(2U, read("device,timestamp,lat,lon,status\nrex,1,2,3,0\nrex,2,2,3,1\n").rows.size())
      << "the status of a device, as `export` writes it";
}

TEST(Csv, ReadsDigitsOfOtherScripts) {
  EXPECT_THAT(seen_in(read("timestamp,lat,lon,accuracy\n"
                           "\u06F2\u06F0\u06F2\u06F6-\u06F0\u06F3-\u06F0\u06F2 \u06F1\u06F0:\u06F0\u06F0:\u06F0\u06F5,"
                           "\u06F5\u06F0\u066B\u06F1,\u0968,\u09E9\n")),
              ElementsAre(Seen{"file", 1772445605, 50.1, 2}));
  EXPECT_THAT(
      seen_in(read("date,time,lat,lon\n\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0662,\u0661\u0660:\u0660\u0660:"
                   "\u0660\u0665,1,2\n")),
      ElementsAre(Seen{"file", 1772445605, 1, 2}));
  EXPECT_EQ(1U, read("timestamp,lat,lon\n1,\u06F5\u00B0\u00B0,2\n").unreadable.size());
}

TEST(Csv, RefusesAFileWithARowThatIsTooLarge) {
  const auto recording =
      read_recording("device,timestamp,lat,lon\nrex,1,2,3" + std::string(10'000, ',') + "\nrex,2,2,3\n", {});
  ASSERT_FALSE(recording);
  EXPECT_EQ("line 2 has more than 10000 fields", recording.error().detail);
  const auto header = read_recording("device,timestamp,lat,lon" + std::string(10'000, ','), {});
  ASSERT_FALSE(header);
  EXPECT_EQ("line 1 has more than 10000 fields", header.error().detail);
}

}  // namespace
}  // namespace packwalk::replay
