// The messages of docs/formats.md, and what else phones may send.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/packet/canonical_form.h"
#include "core/packet/json_form.h"
#include "core/phone/osmand.h"
#include "core/phone/overland.h"
#include "core/phone/owntracks.h"
#include "core/phone/phone_form.h"

namespace packwalk {
namespace {

using namespace std::string_literals;

const PhoneRules rules{
    {{device_time(1'420'070'400), device_time(1'800'000'000)}, 100}, 7, server_time(1'767'261'777'900'000)};

TrackPacket track(double latitude, double longitude, MaybeMeters altitude = {}, MaybeMeters accuracy = {},
                  std::int64_t seconds = 1767261600) {
  return {7, device_time(seconds), *LatLon::from_degrees(latitude, longitude), altitude, accuracy};
}

std::string words_of(const Content& content) {
  if (const auto* packet = std::get_if<TrackPacket>(&content)) return encode_json(*packet);
  if (const auto* flaw = std::get_if<Flaw>(&content)) return flaw->field + "|" + flaw->reason;
  if (const auto* heartbeat = std::get_if<Heartbeat>(&content)) return "heartbeat: " + heartbeat->reason;
  return "an activity packet";
}

/// What each message says, in words; or why there is none.
std::vector<std::string> words_of(const DecodedBody& decoded) {
  if (decoded.unreadable) return {"unreadable: " + decoded.unreadable->reason};
  if (decoded.too_many) return {"too many"};
  std::vector<std::string> words;
  for (const DecodedMessage& message : decoded.messages) words.push_back(words_of(message.content));
  return words;
}

std::vector<std::string> slices_of(const std::string& body, const DecodedBody& decoded) {
  std::vector<std::string> slices;
  for (const DecodedMessage& message : decoded.messages) slices.push_back(body.substr(message.offset, message.size));
  return slices;
}

struct Case {
  std::string body;
  std::string want;
};
PhoneRules part_rules() {
  PhoneRules part = rules;
  part.decode.is_part = true;
  return part;
}

using Decoder = DecodedBody (*)(std::string_view, const PhoneRules&);

void expect_all(Decoder decode, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.body.substr(0, 200));
    const DecodedBody decoded = decode(c.body, rules);
    EXPECT_EQ(std::vector{c.want}, words_of(decoded));
    if (decoded.unreadable) continue;
    EXPECT_EQ(std::vector{c.body}, slices_of(c.body, decoded));
  }
}

std::string words_of(const TrackPacket& packet) { return encode_json(packet); }

constexpr const char* heartbeat = "heartbeat: heartbeat: no position";

TEST(OsmandForm, ReadsWhatTheAppsSend) {
  expect_all(decode_osmand_form,
             {{"id=48213377&timestamp=1767261600&lat=48.708100&lon=44.515300&speed=1.75&bearing=212.0&altitude=41.2&"
               "accuracy=4."
               "5&batt=87.0",
               words_of(track(48.7081, 44.5153, 41.2, 4.5))},
              {"id=4&timestamp=1767261600&lat=48.7081&lon=44.5153&altitude=0.0&accuracy=0.0",
               words_of(track(48.7081, 44.5153, 0))},
              {"id=4&timestamp=1767261600&batt=87&charge=true", heartbeat},
              {"id=4&notificationToken=abc%3Adef", "heartbeat: push token"},
              {"deviceid=4&lat=1&lon=2", words_of(track(1, 2, {}, {}, 1767261777))},
              {"deviceid=4&timestamp=&lat=1&lon=2", words_of(track(1, 2, {}, {}, 1767261777))},
              {"location=48.7081%2C44.5153&timestamp=1767261600", words_of(track(48.7081, 44.5153))},
              {"location=48.7081,+44.5153&timestamp=1767261600", words_of(track(48.7081, 44.5153))}});
}

TEST(OsmandForm, ReadsEverySpellingOfATime) {
  for (const char* time :
       {"1767261600", "1767261600.9", "1767261600412", "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.412Z",
        "2026-01-01T11%3A00%3A00%2B01%3A00", "2026-01-01T11:00:00+01:00", "2026-01-01T03:00:00-0700",
        "2026-01-01 10:00:00", "2026-01-01+10%3A00%3A00", "2026-01-01T10:00:00", "1767261600412000"}) {
    EXPECT_EQ(std::vector{words_of(track(1, 2))}, words_of(decode_osmand_form("lat=1&lon=2&timestamp="s + time, rules)))
        << time;
  }
  const std::string early = "timestamp|is before packets.earliest (2015-01-01T00:00:00Z)";
  const std::string future = "timestamp|is in the future";
  const std::string none = "timestamp|is not a time";
  for (const auto& [time, want] : std::vector<Case>{{"0", early},
                                                    {"-1", early},
                                                    {"2147483646", future},
                                                    {"2147483647", future},
                                                    {"4102444799000", future},
                                                    {"2099-12-31T23:59:59Z", future},
                                                    {"1970-01-01T00:00:00Z", early},
                                                    {"2026-13-01T10:00:00Z", none},
                                                    {"tomorrow", none},
                                                    {"nan", none},
                                                    {"inf", none},
                                                    {"1e999", none},
                                                    {"1e300", none}}) {
    EXPECT_EQ(std::vector{want}, words_of(decode_osmand_form("lat=1&lon=2&timestamp=" + time, rules))) << time;
  }
}

TEST(OsmandForm, NamesTheFieldAtFault) {
  const std::string not_lat = "lat|is not between -90 and 90";
  expect_all(decode_osmand_form,
             {{"lat=1", "lon|is missing"},
              {"lon=1", "lat|is missing"},
              {"lat=&lon=1", "lat|is missing"},
              {"lat=91&lon=1", not_lat},
              {"lat=nan&lon=1", not_lat},
              {"lat=-inf&lon=1", not_lat},
              {"lat=1&lon=181", "lon|is not between -180 and 180"},
              {"lat=48,7&lon=1", "lat|is not a number"},
              {"lat=1&lon=%00", "lon|is not a number"},
              {"lat=1&lon=+-+1", "lon|is not a number"},
              {"lat=0&lon=0", "lat|and lon are both exactly 0: no position"},
              {"location=48", "location|is not lat,lon"},
              {"location=48,x", "lon|is not a number"},
              {"lat=1&lon=1&valid=false", "valid|is false: the client does not trust its position"}});
  for (const char* no : {"0", "0.0", "False", "V", "+v+", "no", "invalid", "void"}) {
    EXPECT_EQ(std::vector{"valid|is false: the client does not trust its position"s},
              words_of(decode_osmand_form("lat=1&lon=2&valid="s + no, rules)))
        << no;
  }
}

TEST(OsmandForm, MixesNoTwoFixes) {
  const std::string at = "&timestamp=1767261600";
  expect_all(decode_osmand_form,
             {{"lat=1&lon=2" + at + "\nlat=3&lon=4" + at, "timestamp|is given twice"},
              {"lat=1&lon=2" + at + "&lat=3&lon=4&timestamp=1767261605", "timestamp|is given twice"},
              {"lat=1&lon=2&lat=3&lon=2" + at, "lat|is given twice"},
              {"lat=1&lon=2&lon=3&lon=2" + at, "lon|is given twice"},
              {"LAT=1&lon=2&Lat=3" + at, "lat|is given twice"},
              {"latitude=1&longitude=2&latitude=3" + at, "lat|is given twice"},
              {"lat=1&lng=2&long=3" + at, "lon|is given twice"},
              {"lat=1&lon=2&time=1767261600&time=1767261605", "timestamp|is given twice"},
              {"location=1,2&location=3,4" + at, "lat|is given twice"},
              {"lat=1&lon=2" + at + "&lat=1.0&lon=%2B2" + at, words_of(track(1, 2))},
              {"lat=1&lon=2&accuracy=9&accuracy=5" + at, words_of(track(1, 2, {}, 5))},
              {"lat=1&lon=2&time=2026-01-01T10:00:00.4Z&tst=1767261600", words_of(track(1, 2))}});
  const std::string json_at = R"(,"timestamp":1767261600})";
  expect_all(
      decode_osmand_json,
      {{R"({"lat":1,"lon":2,"lat":3)" + json_at, "lat|is given twice"},
       {R"({"lat":1,"lon":2,"timestamp":1767261605)" + json_at, "timestamp|is given twice"},
       {R"({"latitude":1,"lng":2,"lng":3)" + json_at, "lon|is given twice"},
       {R"({"location":"1,2","location":"3,4")" + json_at, "lat|is given twice"},
       {R"({"location":{"coords":{"latitude":1,"longitude":2,"latitude":3})" + json_at + "}", "lat|is given twice"},
       {R"({"location":{"coords":{"latitude":1,"longitude":2,"accuracy":3,"accuracy":5})" + json_at + "}",
        words_of(track(1, 2, {}, 5))}});
  PhoneRules first = rules;
  first.decode.decoders = Decoders::first;
  EXPECT_EQ(std::vector{words_of(track(1, 2))}, words_of(decode_osmand_form("lat=3&lat=1&lon=2" + at, first)));
}

TEST(OsmandForm, BearsWhateverStandsInIt) {
  const std::string now = words_of(track(1, 2, {}, {}, 1767261777));
  expect_all(decode_osmand_form, {{"lat=1.0&lat=1&lon=2", now},
                                  {"lat=1&lon=2&lat=", now},
                                  {"&&lat=1&=&lon=2&valid=true&", now},
                                  {"lat=%2B1&lon=+2&accuracy=-1&altitude=high", now},
                                  {"lat=1&lon=2&accuracy=nan&altitude=inf", now},
                                  {"lat=1&lon=2&x=%zz%\xff\xfe&lat2", now},
                                  {"lat=1&lon=2&x="s + std::string(1 << 20, 'x'), now},
                                  {"l%61t=1&lon=2", now},
                                  {"wifi=1&cell=2", heartbeat},
                                  {"", "unreadable: there is no name=value in it"},
                                  {"&&&", "unreadable: there is no name=value in it"},
                                  {"hello", "unreadable: there is no name=value in it"}});
}

TEST(OsmandForm, IsKnownByTheNamesOfTheProtocol) {
  for (const char* form :
       {"id=4", "x=1&lat=2", "l%61t=1", "batt=", "cell=257,02,16,2224", "notificationToken=a", "lat=1&amp;lon=2",
        "?id=4", "x=1&location=1,2", "valid=0", "LAT=1", "Lng=1", "x=1&LONGITUDE=2", "ID=4"}) {
    EXPECT_TRUE(is_osmand_form(form)) << form;
  }
  for (const char* other :
       {"", "lat", "&&", "x=1&y=2", "<trkpt lat=\"1\" lon=\"2\">", "$GPRMC,100000,A",
        "--a\r\nContent-Disposition: form-data; name=\"lat\"\r\n\r\n1", "alt=1&acc=2", "gps=50.1,8.1&time=1767261600",
        "y=50.1&x=8.1&timestamp=1767261600", "latitud=1&longitud=2&timestamp=1767261600", "id=x&gprmc=$GPRMC,100000,A",
        "lat[]=1&lon[]=2&id=x", "id=x;lat=1;lon=2", "id=x%3Blat%3D1", "id=x\nlat=1\nlon=2", "id=x&data={\"lat\":1}",
        "batt=50&data=abcdef", "text=hello&timestamp=5 lat"}) {
    EXPECT_FALSE(is_osmand_form(other)) << other;
  }
}

TEST(OsmandForm, ReadsTheNamesThatTemplatesOfOtherAppsHave) {
  const std::string seconds = "1767261600";
  expect_all(decode_osmand_form,
             {{"latitude=1&longitude=2&device=a&accuracy=5&speed=0", words_of(track(1, 2, {}, 5, 1767261777))},
              {"lat=1&longitude=2&time=2026-01-01T10:00:00.000Z&s=0", words_of(track(1, 2))},
              {"latitude=3&lat=1&longitude=4&lon=2&time=9&timestamp=" + seconds, words_of(track(1, 2))},
              {"lat=1&lon=2&time=10:00:00", words_of(track(1, 2, {}, {}, 1767261777))},
              {"location=1,2&latitude=3&longitude=4&timestamp=" + seconds, words_of(track(1, 2))},
              {"latitude=north&longitude=2", "lat|is not a number"},
              {"LAT=1&Lon=2&Timestamp=" + seconds, words_of(track(1, 2))},
              {"Lat=1&lng=2&TIME=" + seconds, words_of(track(1, 2))},
              {"lat=1&long=2&tst=" + seconds, words_of(track(1, 2))},
              {"lat=1&Lat=9&lng=8&lon=2&LON=7&Timestamp=9&timestamp=" + seconds, words_of(track(1, 2))},
              {"Latitude=1&Longitude=2&Altitude=3&ACCURACY=4&Time=" + seconds, words_of(track(1, 2, 3, 4))},
              {"LOCATION=1,2&timestamp=" + seconds, words_of(track(1, 2))},
              {"lat=1&lon=2&Valid=false", "valid|is false: the client does not trust its position"},
              {"lat=1&lon=2&Timestamp=soon", "timestamp|is not a time"},
              {"lat=1&amp;lon=2&amp;timestamp=" + seconds, words_of(track(1, 2))},
              {"??lat=1&lon=2&timestamp=" + seconds, words_of(track(1, 2))},
              {"lat=1&lon=2&time=2026-01-01T11:00:00+01:00", words_of(track(1, 2))}});
  EXPECT_TRUE(has_osmand_position("id=4&latitude=1"));
  EXPECT_TRUE(has_osmand_position("location=1,2"));
  EXPECT_FALSE(has_osmand_position("id=4&batt=87&<gpx lat=\"1\""));
}

/// As NMEA writes clocks and dates, and as others write them without separators.
TEST(PhoneDecoders, TakeNoClockOrDateAloneForTheTimeOfAFix) {
  const std::string now = words_of(track(1, 2, {}, {}, 1767261777));
  for (const std::string& number : {"125531"s, "125531.00"s, "12553100"s, "001500"s, "291126"s, "29112026"s,
                                    "20261129"s, "0"s, "-1"s, "99999999"s}) {
    for (const std::string& name : {"time"s, "tst"s, "Time"s}) {
      expect_all(decode_osmand_form, {{"lat=1&lon=2&" + name + "=" + number, now}});
      const std::string before = R"({"lat":1,"lon":2,")" + name + "\":";
      expect_all(decode_osmand_json, {{before + "\"" + number + "\"}", now}});
      if (!number.starts_with("00")) expect_all(decode_osmand_json, {{before + number + "}", now}});
    }
  }
  const std::string early = "timestamp|is before packets.earliest (2015-01-01T00:00:00Z)";
  expect_all(decode_osmand_form, {{"lat=1&lon=2&time=+125531,5", now},
                                  {"lat=1&lon=2&time=%DB%B1%DB%B2%DB%B5%DB%B5%DB%B3%DB%B1", now},
                                  {"lat=1&lon=2&tst=1767261600&time=125531", words_of(track(1, 2))},
                                  {"lat=1&lon=2&timestamp=125531", early},
                                  {"lat=1&lon=2&time=100000000", early},
                                  {"lat=1&lon=2&time=1970-01-02", early},
                                  {"lat=1&lon=2&time=1970-01-01T00:05:00Z", early}});
}

/// %ALL of its templates, and its default template.
TEST(OsmandForm, ReadsWhatGpsLoggerSends) {
  expect_all(
      decode_osmand_form,
      {{"lat=48.7081&lon=44.5153&sat=9&desc=&alt=41.2&acc=4.5&dir=212.0&prov=gps&spd=0.9&timestamp=1767261600&"
        "timeoffset=2026-01-01T11%3A00%3A00.000%2B01%3A00&time=2026-01-01T10%3A00%3A00.000Z&starttimestamp="
        "1767260000&date=2026-01-01&batt=87.0&ischarging=false&aid=a&ser=b&act=&filename=20260101&profile=Default+"
        "Profile&hdop=0.9&vdop=1.1&pdop=1.4&dist=12",
        words_of(track(48.7081, 44.5153, 41.2, 4.5))},
       {"lat=48.7081&longitude=44.5153&time=2026-01-01T10:00:00.000Z&s=0.9", words_of(track(48.7081, 44.5153))}});
}

TEST(OsmandForm, ReadsDigitsOfOtherScripts) {
  expect_all(decode_osmand_form, {{"lat=۴۸.۷۰۸۱&lon=۴۴.۵۱۵۳&timestamp=۱۷۶۷۲۶۱۶۰۰&altitude=۴۱&accuracy=۵",
                                   words_of(track(48.7081, 44.5153, 41, 5))},
                                  {"lat=%DB%B1&lon=%D9%A2&timestamp=1767261600", words_of(track(1, 2))},
                                  {"lat=-१&lon=२٫५&timestamp=२०२६-०१-०१T१०:००:००Z", words_of(track(-1, 2.5))}});
}

TEST(OsmandForm, PutsThePlusOfAZoneAgain) {
  for (const char* time : {"2026-01-01T11:00:00+01:00", "2026-01-01T10:30:00+0030", "2026-01-01+11:00:00+01:00"}) {
    EXPECT_EQ(std::vector{words_of(track(1, 2))}, words_of(decode_osmand_form("lat=1&lon=2&timestamp="s + time, rules)))
        << time;
  }
}

TEST(OsmandIdentifier, IsThatOfTheBody) {
  EXPECT_EQ("48213377", osmand_json_identifier(R"({"location":{"device_id":"x"},"device_id":"48213377"})"));
  const std::string token = "pw_" + std::string(32, 'x');
  EXPECT_EQ(token, osmand_json_identifier(R"({"device_id":"rex","token":")" + token + R"(","lat":1})"));
  EXPECT_EQ(token, osmand_json_identifier(R"({"Id":")" + token + R"("})"));
  for (const char* body :
       {"", "{", "[]", R"({"device_id":48213377})", R"({"device_id":""})", R"([{"device_id":"4"}])", "7"}) {
    EXPECT_FALSE(osmand_json_identifier(body)) << body;
  }
}

constexpr const char* osmand_json =
    R"({"location":{"timestamp":"2026-01-01T10:00:00.412Z","coords":{"latitude":48.7081,"longitude":44.5153,"accuracy":4.5,"speed":0.9,
"heading":212,"altitude":41.2},"is_moving":true,"odometer":1520,"event":"","battery":{"level":0.87,"is_charging":false},
"activity":{"type":"walking"},"extras":{},"_":"&id=48213377&lat=48.7081&lon=44.5153&timestamp=2026-01-01T10:00:00.412Z&"},"device_id":"48213377"})";

TEST(OsmandJson, ReadsWhatTheAppSends) {
  expect_all(
      decode_osmand_json,
      {{osmand_json, words_of(track(48.7081, 44.5153, 41.2, 4.5))},
       {R"({"location":{"timestamp":"2026-01-01T10:00:00Z","coords":{"latitude":"1","longitude":2.0,"accuracy":-1}}})",
        words_of(track(1, 2))},
       {R"({"location":{"coords":{"latitude":1,"longitude":2}}})", words_of(track(1, 2, {}, {}, 1767261777))},
       {R"({"location":{"timestamp":1767261600412,"coords":{"latitude":1,"longitude":2}}})", words_of(track(1, 2))},
       {R"({"location":{"extras":{"heartbeat":true}},"device_id":"4"})", heartbeat},
       {R"({"device_id":"4"})", heartbeat},
       {R"({"device_id":"4","location":null})", heartbeat},
       {R"({"device_id":"4","location":[]})", heartbeat},
       {R"({"device_id":"4","notificationToken":"t"})", "heartbeat: push token"},
       {R"({"location":{"coords":{"latitude":1}}})", "lon|is missing"},
       {R"({"location":{"coords":{"latitude":{},"longitude":2}}})", "lat|is not a number"},
       {R"({"location":{"timestamp":"today","coords":{"latitude":1,"longitude":2}}})", "timestamp|is not a time"},
       {R"({"location":{"timestamp":true,"coords":{"latitude":1,"longitude":2}}})", "timestamp|is not a time"},
       {R"({"location.coords":{"latitude":1,"longitude":2},"device_id":"4"})", heartbeat},
       {"{}", "unreadable: there is neither a location nor a device_id in it"},
       {"7", "unreadable: there is neither a location nor a device_id in it"},
       {"[{}]", "unreadable: it is an array"},
       {"", "unreadable: the body is empty"},
       {"{\"device_id\":\"\xff\"}", heartbeat},
       {R"({"location":)" + std::string(100000, '['), "unreadable: nested deeper than 16 levels"}});
}

TEST(OsmandJson, ReadsAFlatObject) {
  const std::string now = words_of(track(1, 2, {}, {}, 1767261777));
  expect_all(
      decode_osmand_json,
      {{R"({"lat":48.7081,"lon":44.5153,"time":"2026-01-01T10:00:00.000Z"})", words_of(track(48.7081, 44.5153))},
       {R"({"lat":"48.7081","long":"44.5153","timestamp":"1767261600","acc":"4.5","alt":"41.2","spd":"0.9","batt":"87"})",
        words_of(track(48.7081, 44.5153, 41.2, 4.5))},
       {R"({"device_id":"4","lat":1,"lng":2,"timestamp":1767261600})", words_of(track(1, 2))},
       {R"({"Latitude":1,"LONGITUDE":2,"Timestamp":1767261600412,"Altitude":3,"Accuracy":4})",
        words_of(track(1, 2, 3, 4))},
       {R"({"lat":1,"lon":2,"tst":1767261600})", words_of(track(1, 2))},
       {R"({"lat":1,"lon":2})", now},
       {R"({"lat":1,"lon":2,"time":"10:00:00"})", now},
       {R"({"lat":1,"lon":2,"timestamp":"10:00:00"})", "timestamp|is not a time"},
       {R"({"lat":1,"device_id":"4"})", "lon|is missing"},
       {R"({"lat":91,"lon":2})", "lat|is not between -90 and 90"},
       {R"({"location":{"lat":1,"lng":2,"time":1767261600},"id":"4"})", words_of(track(1, 2))},
       {R"({"Location":{"Timestamp":1767261600,"Coords":{"Latitude":1,"Longitude":2}}})", words_of(track(1, 2))},
       {R"({"location":{"timestamp":1767261600,"coords":{"lat":1,"lon":2,"acc":5}}})", words_of(track(1, 2, {}, 5))},
       {R"({"location":"1,2","timestamp":1767261600,"device_id":"4"})", words_of(track(1, 2))},
       {R"({"location":"home","device_id":"4"})", "location|is not lat,lon"},
       {R"({"device_id":"4","notificationToken":"t","lat":1,"lon":2,"timestamp":1767261600})", words_of(track(1, 2))},
       {R"({"device_id":"4","location":[],"lat":1,"lon":2,"timestamp":1767261600})", words_of(track(1, 2))},
       {R"({"_type":"location","LAT":1,"LON":2,"TST":1767261600})", words_of(track(1, 2))},
       {R"({"x":{"lat":1,"lon":2}})", "unreadable: there is neither a location nor a device_id in it"}});
}

TEST(OsmandJson, TakesNoPositionThatItsClientDoesNotTrust) {
  const std::string untrusted = "valid|is false: the client does not trust its position";
  const std::string fix = words_of(track(1, 2));
  const auto one = [](const std::string& key, const std::string& value) {
    const auto objects = std::vector<std::string>{
        R"({"lat":1,"lon":2,"timestamp":1767261600,KEY})",
        R"({"device_id":"4","location":{"lat":1,"lon":2,"time":1767261600,KEY}})",
        R"({"location":{"coords":{"latitude":1,"longitude":2,KEY},"timestamp":1767261600}})",
        R"({"location":{"coords":{"latitude":1,"longitude":2},"timestamp":1767261600,KEY},"device_id":"4"})",
        R"({"location":{"coords":{"latitude":1,"longitude":2},"timestamp":1767261600},KEY})",
        R"({"location":"1,2","timestamp":1767261600,KEY})",
        R"({"location":[{"lat":1,"lon":2,"time":1767261600,KEY}]})",
        R"({"location":[{"coords":{"latitude":1,"longitude":2,KEY},"timestamp":1767261600}]})"};
    std::vector<std::string> bodies;
    for (std::string body : objects) {
      bodies.push_back(body.replace(body.find("KEY"), 3, "\"" + key + "\":" + value));
    }
    return bodies;
  };
  for (const std::string& value : {"false"s, "0"s, "0.0"s, R"("false")"s, R"("False")"s, R"("0")"s}) {
    for (const std::string& body : one("valid", value)) {
      EXPECT_EQ(std::vector{untrusted}, words_of(decode_osmand_json(body, rules))) << body;
    }
  }
  for (const std::string& value : {"true"s, "1"s, "null"s, "NaN"s, R"("true")"s, R"("")"s, "[]"s, "{}"s}) {
    for (const std::string& body : one("valid", value)) {
      EXPECT_EQ(std::vector{fix}, words_of(decode_osmand_json(body, rules))) << body;
    }
  }
  expect_all(decode_osmand_json,
             {{R"({"lat":1,"lon":2,"Valid":false})", untrusted},
              {R"({"valid":true})", "unreadable: there is neither a location nor a device_id in it"},
              {R"({"valid":false})", "unreadable: there is neither a location nor a device_id in it"}});
  PhoneRules first = rules;
  first.decode.decoders = Decoders::first;
  const std::string kept =
      R"({"location":{"coords":{"latitude":1,"longitude":2},"timestamp":1767261600},"valid":false})";
  EXPECT_EQ(std::vector{fix}, words_of(decode_osmand_json(kept, first))) << "the first decoders took it";
}

TEST(OsmandJson, ReadsAsTheFirstDecodersDidWhatTheyKept) {
  PhoneRules first = rules;
  first.decode.decoders = Decoders::first;
  for (const char* body : {R"({"device_id":"4","lat":1,"lon":2})", R"({"device_id":"4","location":{"lat":1,"lon":2}})",
                           R"({"location":[{"lat":1,"lon":2}]})"}) {
    EXPECT_EQ(std::vector<std::string>{heartbeat}, words_of(decode_osmand_json(body, first))) << body;
  }
}

TEST(OsmandJson, TakesABatchOfFlatLocations) {
  const std::string body =
      R"({"location":[{"lat":1,"lng":2,"time":1767261600},{"coords":{"lat":1,"long":2},"timestamp":1767261600}]})";
  EXPECT_EQ((std::vector<std::string>{words_of(track(1, 2)), words_of(track(1, 2))}),
            words_of(decode_osmand_json(body, rules)));
}

TEST(OsmandJson, TakesABatchOfLocations) {
  const std::string first = R"({"timestamp":"2026-01-01T10:00:00Z","coords":{"latitude":1,"longitude":2}})";
  const std::string body = R"({"device_id":"4","location":[ )" + first + R"(, 7 ,{"event":"heartbeat"}],"x":[1]})";
  const DecodedBody decoded = decode_osmand_json(body, rules);
  EXPECT_EQ((std::vector<std::string>{words_of(track(1, 2)), "|is not an object", heartbeat}), words_of(decoded));
  EXPECT_EQ((std::vector<std::string>{first, "7", R"({"event":"heartbeat"})"}), slices_of(body, decoded));
}

constexpr const char* owntracks_location =
    R"({"_type":"location","tst":1767261600,"lat":48.7081,"lon":44.5153,"acc":5,"alt":41,"vel":3,"batt":87,"bs":1,"t":"t","m":2,"tid":"RX","topic":"owntracks/rex/collar"})";

TEST(Owntracks, ReadsEveryType) {
  expect_all(decode_owntracks,
             {{owntracks_location, words_of(track(48.7081, 44.5153, 41, 5))},
              {R"({"lat":1.0,"lon":"2","tst":1767261600.0,"acc":0.0,"_type":"location"})", words_of(track(1, 2))},
              {R"({"_type":"location","tst":1767261600,"lat":1,"lon":2,"acc":null})", words_of(track(1, 2))},
              {R"({"_type":"location","lat":1,"lon":2})", "tst|is missing"},
              {R"({"_type":"location","tst":"soon","lat":1,"lon":2})", "tst|is not a time"},
              {R"({"_type":"location","tst":1767261600,"lon":2})", "lat|is missing"},
              {R"({"_type":"location","tst":1767261600,"lat":1,"lon":[2]})", "lon|is not a number"},
              {R"({"_type":"location","tst":1767261600,"lat":1,"lon":200})", "lon|is not between -180 and 180"},
              {R"({"_type":"transition","tst":1767261600,"lat":1,"lon":2})", "heartbeat: owntracks transition"},
              {R"({"_type":"lwt","tst":1767261600})", "heartbeat: owntracks lwt"},
              {R"({"_type":"encrypted","data":"AAAA"})", "|encrypted"},
              {R"({"_type":"treasure"})", "_type|is not known"},
              {R"({"_type":1})", "_type|is not a text"},
              {R"({"tst":1767261600,"lat":1,"lon":2})", "_type|is missing"},
              {"[]", "heartbeat: empty array"},
              {"", "heartbeat: empty body"},
              {"7", "|is not an object"},
              {" ", "unreadable: The document is empty"},
              {R"({"_type":)", "unreadable: Invalid value"},
              {std::string(100000, '['), "unreadable: nested deeper than 16 levels"}});
}

TEST(Owntracks, CutsAnArray) {
  const std::string body = "["s + owntracks_location + R"(, {"_type":"steps"} ])";
  const DecodedBody decoded = decode_owntracks(body, rules);
  EXPECT_EQ((std::vector<std::string>{words_of(track(48.7081, 44.5153, 41, 5)), "heartbeat: owntracks steps"}),
            words_of(decoded));
  EXPECT_EQ((std::vector<std::string>{owntracks_location, R"({"_type":"steps"})"}), slices_of(body, decoded));
}

std::string feature(const std::string& coordinates, const std::string& properties) {
  return R"({"type":"Feature","geometry":{"type":"Point","coordinates":)" + coordinates + R"(},"properties":{)" +
         properties + "}}";
}

TEST(Overland, ReadsEachFeature) {
  const std::string time = R"("timestamp":"2026-01-01T10:00:00Z")";
  const std::string no_position = "heartbeat: overland feature: no position";
  const std::vector<Case> cases = {
      {feature("[44.5153,48.7081]", time + R"(,"altitude":41,"horizontal_accuracy":5,"motion":["walking"],"speed":1)"),
       words_of(track(48.7081, 44.5153, 41, 5))},
      {feature("[2,1,99]", R"("timestamp":"2026-01-01T03:00:00-0700","horizontal_accuracy":-1)"),
       words_of(track(1, 2))},
      {feature("[2,1]", R"("timestamp":"2026-01-01T11:00:00+01:00","horizontal_accuracy":0)"), words_of(track(1, 2))},
      {feature("[2,1]", time + R"(,"action":"visit","arrival_date":null)"), "heartbeat: overland event: no fix"},
      {feature("[]", time), no_position},
      {feature("[2]", time), no_position},
      {feature("[null,1]", time), no_position},
      {feature("[[2,1]]", time), no_position},
      {feature(R"({"[0]":2,"[1]":1})", time), no_position},
      {R"({"type":"Feature","geometry":null,"properties":{}})", no_position},
      {"{}", no_position},
      {feature("[2,91]", time), "lat|is not between -90 and 90"},
      {feature("[2,1]", ""), "timestamp|is missing"},
      {feature("[2,1]", R"("timestamp":"2026-01-01T10:00:00 o'clock")"), "timestamp|is not a time"},
      {"null", "|is not an object"},
      {"[]", "|is not an object"},
  };
  std::string body = R"({"current":{"locations":[1]},"locations": [)";
  std::vector<std::string> wanted;
  std::vector<std::string> slices;
  for (const Case& c : cases) {
    body += (wanted.empty() ? " " : " ,\n") + c.body;
    wanted.push_back(c.want);
    slices.push_back(c.body);
  }
  body += R"(],"trip":{"distance":1}})";
  const DecodedBody decoded = decode_overland(body, rules);
  EXPECT_EQ(wanted, words_of(decoded));
  EXPECT_EQ(slices, slices_of(body, decoded));
}

TEST(Overland, SaysWhatABodyLacks) {
  expect_all(decode_overland, {{R"({"locations":[],"current":{}})", "heartbeat: no locations"},
                               {R"({"locations":{}})", "unreadable: there is no array locations"},
                               {R"([{"locations":[]}])", "unreadable: there is no array locations"},
                               {"{}", "unreadable: there is no array locations"},
                               {"7", "unreadable: there is no array locations"},
                               {"", "unreadable: the body is empty"},
                               {R"({"locations":[{}})", "unreadable: Missing a comma or ']' after an array element"},
                               {"{\"locations\":[]}\0"s, "unreadable: a NUL byte stands after the JSON text"}});
}

TEST(Overland, TakesCurrentWhereItIsLaterThanAllOthers) {
  const auto at = [](const std::string& time) {
    return feature("[2,1]", R"("timestamp":"2026-01-01T)" + time + R"(Z")");
  };
  const auto one = [](std::int64_t seconds) { return words_of(track(1, 2, {}, {}, seconds)); };
  const std::string old = at("10:00:00");
  const std::string now = at("10:00:07");
  const std::vector<std::string> both = {one(1767261600), one(1767261607)};
  const std::vector<std::string> old_alone = {one(1767261600)};
  const auto words = [](const std::string& body) { return words_of(decode_overland(body, rules)); };
  EXPECT_EQ(both, words(R"({"locations":[)" + old + R"(],"current":)" + now + "}"));
  const std::string first = R"({"current":)" + now + R"(,"locations":[)" + old + "]}";
  EXPECT_EQ((std::vector<std::string>{both[1], both[0]}), words(first)) << "in the order of the text";
  EXPECT_EQ((std::vector<std::string>{now, old}), slices_of(first, decode_overland(first, rules)));
  EXPECT_EQ(std::vector{one(1767261607)}, words(R"({"locations":[],"current":)" + now + "}"));
  EXPECT_EQ((std::vector<std::string>{"heartbeat: overland feature: no position", one(1767261607)}),
            words(R"({"locations":[{}],"current":)" + now + "}"));
  for (const std::string& current :
       {old, at("09:59:59"), feature("[2,1]", ""), feature("[2,91]", R"("timestamp":"2026-01-01T10:00:07Z")"),
        std::string("null"), std::string("7"), std::string("{}"), "[[" + now + "]]"}) {
    EXPECT_EQ(old_alone, words(R"({"locations":[)" + old + R"(],"current":)" + current + "}")) << current;
    EXPECT_EQ(old_alone, words(R"({"current":)" + current + R"(,"locations":[)" + old + "]}")) << current;
  }
  EXPECT_EQ(old_alone, words(R"({"locations":[)" + old + R"(],"x":{"current":)" + now + "}}"));
  PhoneRules two = rules;
  two.decode.packets_max = 2;
  const std::string full = R"({"locations":[)" + old + "," + old + R"(],"current":)" + now + "}";
  EXPECT_TRUE(decode_overland(full, two).too_many);
}

TEST(OwntracksOfOverland, CountsFrom2001UnlessThatIsInTheFuture) {
  const auto located = [](const std::string& tst) {
    return R"({"_type":"location","lat":1,"lon":2,"tst":)" + tst + "}";
  };
  expect_all(decode_owntracks_of_overland,
             {{located("788954400"), words_of(track(1, 2))},
              {located("\"788954400\""), words_of(track(1, 2))},
              {located("1767261600"), words_of(track(1, 2))},
              {located("1767261600000"), words_of(track(1, 2))},
              {located("\"2026-01-01T10:00:00Z\""), words_of(track(1, 2))},
              {located("0"), "timestamp|is before packets.earliest (2015-01-01T00:00:00Z)"},
              {R"({"_type":"lwt"})", "heartbeat: owntracks lwt"},
              {"", "heartbeat: empty body"}});
  EXPECT_EQ(std::vector{"timestamp|is before packets.earliest (2015-01-01T00:00:00Z)"s},
            words_of(decode_owntracks(located("788954400"), rules)))
      << "the app of that name counts from 1970";
}

constexpr std::int64_t week_seconds = 604'800;

TEST(OwntracksOfOverland, AddsWeeksOnlyWhereOneOfAllReadingsSaysNow) {
  PhoneRules mending = rules;
  mending.mends_week_rollover = true;
  const std::int64_t from_2001 = 978'307'200;
  const std::int64_t now = 1767261777;  // the whole second of rules.received_at
  const std::string early = "timestamp|is before packets.earliest (2015-01-01T00:00:00Z)";
  const std::string ambiguous = "tst|is of two times: it counts from 2001, or 2048 weeks are lost";
  const auto decoded = [](std::int64_t tst, const PhoneRules& by) {
    return decode_owntracks_of_overland(R"({"_type":"location","lat":1,"lon":2,"tst":)" + std::to_string(tst) + "}",
                                        by);
  };
  const auto weeks_of = [](const DecodedBody& body) {
    return std::get<TrackPacket>(body.messages.at(0).content).weeks_added;
  };
  for (const std::int64_t epoch : {std::int64_t{0}, from_2001}) {
    for (const int weeks : {0, 1024, 2048}) {
      for (const std::int64_t late : {-3600, 0, 3600}) {
        const DecodedBody mended = decoded(now - late - epoch - weeks * week_seconds, mending);
        ASSERT_EQ(std::vector{words_of(track(1, 2, {}, {}, now - late))}, words_of(mended)) << epoch << ' ' << weeks;
        EXPECT_EQ(weeks, weeks_of(mended));
        PhoneRules again = rules;
        again.weeks_added = weeks;
        EXPECT_EQ(words_of(mended), words_of(decoded(now - late - epoch - weeks * week_seconds, again)));
      }
    }
  }
  for (const std::int64_t late : {3601, 86'400}) {
    for (const PhoneRules& by : {mending, rules}) {
      EXPECT_EQ(std::vector{early}, words_of(decoded(now - late - from_2001 - 2048 * week_seconds, by)));
      EXPECT_EQ(std::vector{early}, words_of(decoded(now - late - from_2001 - 1024 * week_seconds, by)));
      EXPECT_EQ(std::vector{early}, words_of(decoded(now - late - 1024 * week_seconds, by)));
      EXPECT_EQ(std::vector{ambiguous}, words_of(decoded(now - late - 2048 * week_seconds, by)))
          << "from 2001 on, it is years ago";
      EXPECT_EQ(std::vector{words_of(track(1, 2, {}, {}, now - late))}, words_of(decoded(now - late - from_2001, by)));
    }
  }
  EXPECT_EQ(std::vector{ambiguous}, words_of(decoded(now - 2048 * week_seconds, rules))) << "it is not told to mend";
}

std::string located_at(std::int64_t seconds) { return "lat=1&lon=2&timestamp=" + std::to_string(seconds); }

TEST(PhoneDecoders, AddTheWeeksThatALiveReceiverLost) {
  PhoneRules mending = rules;
  mending.mends_week_rollover = true;
  const std::string early = "timestamp|is before packets.earliest (2015-01-01T00:00:00Z)";
  const std::int64_t now = 1767261777;  // the whole second of rules.received_at
  for (const int weeks : {1024, 2048}) {
    for (const std::int64_t late : {-3600, -1, 0, 1, 3600}) {
      const DecodedBody decoded = decode_osmand_form(located_at(now - late - weeks * week_seconds), mending);
      const std::int64_t mended = now - late;
      ASSERT_EQ(std::vector{words_of(track(1, 2, {}, {}, mended))}, words_of(decoded));
      EXPECT_EQ(weeks, std::get<TrackPacket>(decoded.messages[0].content).weeks_added);
    }
    for (const std::int64_t late : {-3601, 3601, 86'400}) {
      EXPECT_EQ(std::vector{early},
                words_of(decode_osmand_form(located_at(now - late - weeks * week_seconds), mending)));
    }
    EXPECT_EQ(std::vector{early}, words_of(decode_osmand_form(located_at(now - weeks * week_seconds), rules)))
        << "unless it is told not to";
  }
  EXPECT_EQ(std::vector{early}, words_of(decode_osmand_form(located_at(now - 3072 * week_seconds), mending)));
  const DecodedBody sound = decode_osmand_form(located_at(now), mending);
  EXPECT_EQ(0, std::get<TrackPacket>(sound.messages[0].content).weeks_added);
}

TEST(PhoneDecoders, AddTheWeeksOfAMessageThatIsReadAgain) {
  PhoneRules again = rules;
  again.weeks_added = 1024;
  EXPECT_EQ(std::vector{words_of(track(1, 2))},
            words_of(decode_osmand_form(located_at(1767261600 - 1024 * week_seconds), again)));
}

/// As ArduinoJson wrote it until 6.11, and as printf does.
TEST(PhoneDecoders, BearAValueThatNobodyCanRead) {
  const auto feature = [](const std::string& longitude, const std::string& altitude) {
    return R"({"type":"Feature","geometry":{"type":"Point","coordinates":[)" + longitude +
           R"(,1]},"properties":{"timestamp":"2026-01-01T10:00:00Z","altitude":)" + altitude + "}}";
  };
  const std::string two = words_of(track(1, 2));
  const std::string high = words_of(track(1, 2, 12));
  for (const std::string& value : {"NaN"s, "-nan"s, "Infinity"s, "-inf"s, "1e999"s, "ovf"s, std::string(10'000, '9')}) {
    SCOPED_TRACE(value.substr(0, 20));
    const std::string features = R"({"current":{"x":)" + value + R"(},"locations":[)" + feature("2", value) + "," +
                                 feature("2", "12") + "," + feature(value, "12") + R"(],"trip":)" + value + "}";
    EXPECT_EQ((std::vector<std::string>{two, high, "lon|is not between -180 and 180"}),
              words_of(decode_overland(features, rules)));
    const std::string located = R"({"_type":"location","tst":1767261600,"lon":2,"lat":)";
    EXPECT_EQ(
        (std::vector<std::string>{two, "lat|is not between -90 and 90"}),
        words_of(decode_owntracks(
            "[" + located + R"(1,"alt":)" + value + R"(,"batt":)" + value + "}," + located + value + "}]", rules)));
    const std::string place = R"({"timestamp":1767261600,"coords":{"longitude":2,"latitude":)";
    const std::string fix = place + R"(1,"altitude":)" + value + "}}";
    EXPECT_EQ(two, words_of(decode_osmand_json(R"({"location":)" + fix + R"(,"device_id":"4"})", rules)).at(0));
    EXPECT_EQ((std::vector<std::string>{two, "lat|is not between -90 and 90"}),
              words_of(decode_osmand_json(R"({"location":[)" + fix + "," + place + value + "}}]}", rules)));
    EXPECT_EQ("4", osmand_json_identifier(R"({"location":)" + fix + R"(,"device_id":"4"})"));
    EXPECT_EQ((std::vector<std::string>{"timestamp|is not a time"}),
              words_of(decode_osmand_json(
                  R"({"location":[{"coords":{"longitude":2,"latitude":1},"timestamp":)" + value + R"(}],"x":[{}]})",
                  part_rules())));
  }
}

TEST(PhoneForm, ShowsInTheOuterNames) {
  const std::vector<std::pair<std::string, std::optional<Transport>>> cases = {
      {owntracks_location, Transport::owntracks},
      {"\t\r\n ["s + owntracks_location + "]", Transport::owntracks},
      {R"([7,"_type",{"x":1},{"_type":"lwt"}])", Transport::owntracks},
      {R"({"batt":NaN,"_type" : "location"})", Transport::owntracks},
      {R"({"device_id":"x","current":{"location":1},"locations":[]})", Transport::overland},
      {R"({"locations":[)", Transport::overland},
      {R"({"locations": [ ],"current":{}})", Transport::overland},
      {R"({"locations":[{"type":"Feature","geometry":null,"properties":{"timestamp":1}}]})", Transport::overland},
      {R"({"locations":[{"lat":1,"lon":2,"timestamp":1767261600}]})", std::nullopt},
      {R"({"locations":["50.1,8.1"]})", std::nullopt},
      {R"({"locations":[{"geometry":{"coordinates":[2,1]},"properties":{"time":1767261600}}]})", std::nullopt},
      {R"({"locations":[{"lat":1,"lon":2}],"lat":1,"lon":2})", Transport::osmand_json},
      {R"({"_type":"location","latitude":1,"longitude":2})", Transport::osmand_json},
      {R"({"_type":"location","LAT":1,"LON":2,"TST":1767261600})", Transport::osmand_json},
      {R"({"_type" : null,"lat":1,"lon":2})", Transport::osmand_json},
      {R"({"_type":null,"device_id":"4"})", std::nullopt},
      {R"({"device_id":"x","location":["50.1,8.1"]})", std::nullopt},
      {R"({"device_id":"x","location":[ 2,1]})", std::nullopt},
      {R"({"device_id":"x","location":[ {"event":"heartbeat"}]})", Transport::osmand_json},
      {osmand_json, Transport::osmand_json},
      {R"({"device_id":"4"})", Transport::osmand_json},
      {R"({"notificationToken":"t"})", Transport::osmand_json},
      {R"({"batt":"\"","location":null})", Transport::osmand_json},
      {R"({"device_id":"4","event":"heartbeat","battery":{"x":1}})", Transport::osmand_json},
      {R"({"location":{"extras":{"heartbeat":true}},"device_id":"4"})", Transport::osmand_json},
      {R"({"lat":1,"lon":2,"x":3})", Transport::osmand_json},
      {R"({"LNG":1})", Transport::osmand_json},
      {R"({"location":{"Lat":1,"x":2}})", Transport::osmand_json},
      {R"({"location":[{"x":1,"coords":{"latitude":1}}]})", Transport::osmand_json},
      {R"({"device_id":"4","latt":1,"lonn":2})", std::nullopt},
      {R"({"device_id":"4","position":{"lat":1,"lon":2}})", std::nullopt},
      {R"({"device_id":"4","location":{"point":[1,2]}})", std::nullopt},
      {R"({"device_id":"4","location":{"type":"Point","coordinates":[2,1]}})", std::nullopt},
      {R"({"location":{"coords":{"y":1,"x":2}}})", std::nullopt},
      {R"({"x":[{"location":{"lat":1}}],"y":{"lat":1}})", std::nullopt},
      {R"({"location.coords":{"latitude":1},"device_id":"4"})", std::nullopt},
      {R"([[{"lat":1,"lon":2}]])", std::nullopt},
      {"{\"device_id\":\"4\",\"" + std::string(1000, 'l') + "\":1}", std::nullopt},
      {"{\"a\":" + std::string(100'000, '[') + "{\"lat\":1", std::nullopt},
      {R"({"x":{"location":{}},"y":["_type"],"z":"locations"})", std::nullopt},
      {R"({"\"location":1})", std::nullopt},
      {"{}", std::nullopt},
      {"[]", std::nullopt},
      {"{", std::nullopt},
      {"{\"\\", std::nullopt},
      {"]]]}", std::nullopt},
      {"lat=1&lon=2", Transport::osmand_form},
      {" id=4", std::nullopt},
      {"\"_type\":1", std::nullopt},
      {"<gpx version=\"1.1\">", std::nullopt},
      {"", std::nullopt}};
  for (const auto& [body, want] : cases) EXPECT_EQ(want, form_of_phone_body(body)) << body;
}

TEST(PhoneDecoders, StopAtTooManyMessages) {
  PhoneRules two = rules;
  two.decode.packets_max = 2;
  EXPECT_TRUE(decode_overland(R"({"locations":[{},{},{}]})", two).too_many);
  EXPECT_FALSE(decode_overland(R"({"locations":[{},{}]})", two).too_many);
  EXPECT_TRUE(decode_owntracks("[1,2,3]", two).too_many);
  EXPECT_TRUE(decode_osmand_json(R"({"location":[1,2,3]})", two).too_many);
  two.decode.packets_max = 0;
  EXPECT_TRUE(decode_osmand_form("lat=1&lon=2", two).too_many);
}

TEST(PhoneDecoders, AgreeWithTheCollarsFormsOnTheCanonicalForm) {
  PhoneRules as_a_collar = rules;
  as_a_collar.phone_status = 1;
  const auto canonical = [](const DecodedBody& decoded) {
    return canonical_form(std::get<TrackPacket>(decoded.messages.at(0).content));
  };
  const std::string want = "\x01\x01\xa0\x45\x56\x69\x18\xd5\x42\x42\xab\x0f\x32\x42\x28\x06"s;
  EXPECT_EQ(want, canonical(decode_osmand_form(
                      "timestamp=1767261600&lat=48.708100&lon=44.515300&altitude=40&accuracy=6.4", as_a_collar)));
  EXPECT_EQ(want,
            canonical(decode_owntracks(
                R"({"_type":"location","tst":1767261600,"lat":48.7081,"lon":44.5153,"alt":40,"acc":6})", as_a_collar)));
}

}  // namespace
}  // namespace packwalk
