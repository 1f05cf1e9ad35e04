#include "api/parameters.h"

#include <gtest/gtest.h>

#include <array>

namespace packwalk {
namespace {

constexpr std::array<std::string_view, 3> known = {"limit", "cursor", "bbox"};

std::string link_of(std::string path, std::string query, std::string_view cursor = "7") {
  return next_link({.path = std::move(path), .query = std::move(query)}, cursor);
}

std::string what_is_wrong(std::string_view query) {
  const Parameters in(query, known);
  return in.fault() ? in.fault()->detail : "";
}

TEST(NextLink, HasTheQuestionsParametersAndTheCursor) {
  EXPECT_EQ("</v1/positions?cursor=7>; rel=\"next\"", link_of("/v1/positions", ""));
  EXPECT_EQ("</v1/positions?bbox=-1.5,2,3,4&limit=1&cursor=7>; rel=\"next\"",
            link_of("/v1/positions", "bbox=-1.5%2C2,3,4&cursor=3&limit=1"));
}

TEST(NextLink, LeavesOutTheCursorBeforeHoweverItIsWritten) {
  for (const char* query :
       {"cursor=0&limit=1", "%63ursor=0&limit=1", "limit=1&%63%75rsor=0", "limit=1&cursor", "&&limit=1&c%75rsor=0&&"}) {
    EXPECT_EQ("</p?limit=1&cursor=7>; rel=\"next\"", link_of("/p", query)) << query;
  }
}

TEST(NextLink, HoldsNothingThatEndsALinkOrIsNoAscii) {
  const std::string link =
      link_of("/v1/devices/a>b\xc3\xa4%3E/x", "limit=>;rel=x,<http://evil/>&from=\"\xff +%0d%0a&a%3Db=1");
  EXPECT_EQ(
      "</v1/devices/a%3Eb%C3%A4%3E/x?limit=%3E%3Brel%3Dx,%3Chttp:%2F%2Fevil%2F%3E&from=%22%FF%20%20%0D%0A&a%3Db=1&"
      "cursor=7>; rel=\"next\"",
      link);
}

TEST(Parameters, AreThoseThatAreKnownEachOnce) {
  EXPECT_EQ("", what_is_wrong("limit=1&cursor=2"));
  EXPECT_EQ("", what_is_wrong("&&limit=1&"));
  EXPECT_EQ("there is no parameter max here, only limit, cursor, bbox", what_is_wrong("m%61x=1"));
}

TEST(Parameters, TellTheNewNameOfOneThatWasRenamed) {
  constexpr std::array<std::string_view, 2> renamed = {"max_age_seconds", "tolerance_m"};
  EXPECT_EQ("the parameter max_age is now called max_age_seconds", Parameters("max_age=9", renamed).fault()->detail);
  EXPECT_EQ("the parameter tolerance is now called tolerance_m", Parameters("tolerance=9", renamed).fault()->detail);
  EXPECT_EQ("there is no parameter max_age here, only limit, cursor, bbox", what_is_wrong("max_age=9"))
      << "of a question that never had it";
}

TEST(Parameters, AreNamedOnlyWhenTheirNameIsShortAndPrintable) {
  const std::string short_name(64, 'x');
  EXPECT_EQ("there is no parameter " + short_name + " here, only limit, cursor, bbox", what_is_wrong(short_name));
  std::string zeros;
  for (int i = 0; i < 5000; ++i) zeros.append("%00");
  for (const std::string& name : {short_name + "x", std::string("=1"), std::string("a%00"), std::string("a+b"),
                                  std::string("%22"), std::string("%5C"), std::string("%C3%A4"), zeros}) {
    EXPECT_EQ("there is no parameter of that name here, only limit, cursor, bbox", what_is_wrong(name)) << name;
  }
}

TEST(Parameters, ThatComeTwiceAreNamedHoweverTheyAreWritten) {
  for (const char* query : {"limit=1&limit=1", "limit=1&cursor=2&limi%74=3", "limit&limit=", "%6Cimit=1&limit=2"}) {
    EXPECT_EQ("the parameter limit is given twice: give it once", what_is_wrong(query)) << query;
  }
}

constexpr std::array<std::string_view, 2> times = {"from", "to"};

std::string range_of(std::string_view query) {
  Parameters in(query, times);
  const TimeRange range = in.range();
  if (in.fault()) return in.fault()->detail;
  return std::to_string(seconds_since_1970(range.from)) + " " + std::to_string(seconds_since_1970(range.until));
}

TEST(Range, IsTimesInEverySpelling) {
  for (const char* from : {"1795881516", "20261128155836", "2026-11-28T15:58:36Z", "2026-11-28T15:58:36+00:00",
                           "2026-11-28T15:58:36%2B00:00", "2026-11-28T17:58:36+0200", "2026-11-28+15:58:36",
                           "2026-11-28+17:58:36+02:00", "2026-11-28T15:58:36"}) {
    EXPECT_EQ("1795881516 1795881517", range_of(std::string("from=") + from + "&to=1795881517")) << from;
  }
  for (const char* from : {"", "now", "+", "2026-11-28T15:58:36++00:00"}) {
    EXPECT_EQ("from is not a time. Give a day (2026-01-31), 2026-01-31T10:00:00Z, or seconds since 1970",
              range_of(std::string("from=") + from))
        << from;
  }
  EXPECT_EQ("to is after the year 2200", range_of("to=2300-01-01"));
}

TEST(Range, IsInOrder) {
  EXPECT_EQ("5 5", range_of("from=5&to=5"));
  EXPECT_EQ("from is after to: give the earlier time as from", range_of("from=6&to=5"));
  EXPECT_EQ("from is after to: give the earlier time as from", range_of("to=1795881516&from=1795881517"));
}

TEST(Parameters, RememberTheFirstThatIsWrongAndItsName) {
  Parameters in("limit=0&bbox=1,2&cursor=x", known);
  EXPECT_TRUE(in.check());
  EXPECT_EQ(limit_default, in.limit()) << "as if it were missing";
  EXPECT_EQ(-180, in.box().west());
  EXPECT_EQ(std::nullopt, in.cursor<1>());
  ASSERT_TRUE(in.fault());
  EXPECT_EQ(Problem::invalid_parameter, in.fault()->problem);
  EXPECT_EQ("limit", in.fault()->parameter);
  EXPECT_EQ("limit is a number from 1 to 10000", in.fault()->detail);
  EXPECT_EQ(Errc::invalid_input, in.check().error().code);
}

TEST(Parameters, ThatAreUnknownOrRepeatedAreNamed) {
  EXPECT_EQ("max", Parameters("max=1", known).fault()->parameter);
  EXPECT_EQ(Problem::unknown_parameter, Parameters("max=1", known).fault()->problem);
  EXPECT_EQ("", Parameters("%00=1", known).fault()->parameter);
  EXPECT_EQ(Problem::repeated_parameter, Parameters("limit=1&limit=1", known).fault()->problem);
}

TEST(Parameters, AreReadInTheirBounds) {
  const auto limit_of = [](std::string_view query) {
    Parameters in(query, known);
    const std::size_t limit = in.limit();
    return in.fault() ? 0 : limit;
  };
  EXPECT_EQ(limit_default, limit_of(""));
  EXPECT_EQ(1U, limit_of("limit=1"));
  EXPECT_EQ(limit_max, limit_of("limit=10000"));
  for (const char* wrong : {"limit=", "limit=0", "limit=10001", "limit=-1", "limit=1x", "limit=%20"}) {
    EXPECT_EQ(0U, limit_of(wrong)) << wrong;
  }
}

TEST(Parameters, HaveABoxInTheOrderOfGeoJson) {
  Parameters in("bbox=170,-20,-170.5,10", known);
  const GeoBox box = in.box();
  EXPECT_FALSE(in.fault());
  EXPECT_TRUE(box.crosses_antimeridian());
  EXPECT_EQ(-170.5, box.east());
  for (const char* wrong : {"bbox=", "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=1,2,3,x", "bbox=1,3,2,2", "bbox=1,2,3,91"}) {
    Parameters bad(wrong, known);
    bad.box();
    EXPECT_TRUE(bad.fault()) << wrong;
  }
}

TEST(Parameters, HaveCursorsOfNumbersBetweenPoints) {
  EXPECT_EQ((std::array<std::int64_t, 2>{-3, 4}), Parameters("cursor=-3.4", known).cursor<2>());
  EXPECT_EQ(std::nullopt, Parameters("limit=1", known).cursor<2>());
  for (const char* wrong : {"cursor=", "cursor=3", "cursor=3.", "cursor=3.4.5", "cursor=3.4x", "cursor=."}) {
    Parameters bad(wrong, known);
    EXPECT_EQ(std::nullopt, bad.cursor<2>());
    EXPECT_EQ("cursor", bad.fault().value_or(Parameters::Fault{}).parameter) << wrong;
  }
}

TEST(Parameters, SortByTimeFromEitherEnd) {
  constexpr std::array<std::string_view, 1> sort = {"sort"};
  const auto order_of = [&](std::string_view query) {
    Parameters in(query, sort);
    const TimeOrder order = in.order();
    return in.fault() ? std::nullopt : std::optional(order);
  };
  EXPECT_EQ(TimeOrder::oldest_first, order_of(""));
  EXPECT_EQ(TimeOrder::oldest_first, order_of("sort=time"));
  EXPECT_EQ(TimeOrder::newest_first, order_of("sort=-time"));
  for (const char* wrong : {"sort=", "sort=+time", "sort=desc", "sort=-TIME"}) {
    EXPECT_EQ(std::nullopt, order_of(wrong)) << wrong;
  }
}

TEST(Parameters, ChooseTheFormOfTheAnswer) {
  constexpr std::array<std::string_view, 1> format = {"format"};
  const auto form_of = [&](std::string_view query, std::string_view accept, bool with_gpx = true) {
    Parameters in(query, format);
    const AnswerForm form = in.form(accept, with_gpx);
    return in.fault() ? std::nullopt : std::optional(form);
  };
  EXPECT_EQ(AnswerForm::json, form_of("", "text/html"));
  EXPECT_EQ(AnswerForm::geojson, form_of("", "application/geo+json; q=1"));
  EXPECT_EQ(AnswerForm::gpx, form_of("", "application/gpx+xml"));
  EXPECT_EQ(AnswerForm::geojson, form_of("", "text/html, application/geo+json, application/json;q=0.9"));
  EXPECT_EQ(AnswerForm::json, form_of("", "application/geo+json;q=0, application/json"));
  EXPECT_EQ(AnswerForm::json, form_of("", "application/gpx+xml", false));
  EXPECT_EQ(AnswerForm::geojson, form_of("", "application/gpx+xml, application/geo+json", false));
  EXPECT_EQ(AnswerForm::json, form_of("format=json", "application/geo+json")) << "the parameter counts";
  EXPECT_EQ(AnswerForm::gpx, form_of("format=gpx", ""));
  EXPECT_EQ(std::nullopt, form_of("format=gpx", "", false));
  EXPECT_EQ(std::nullopt, form_of("format=kml", "application/geo+json"));
}

TEST(QueryValue, IsTheFirstOfItsNameDecoded) {
  EXPECT_EQ("a b,c", query_value("x=1&n%61me=a+b%2Cc&name=2", "name"));
  EXPECT_EQ("", query_value("name", "name"));
  EXPECT_EQ(std::nullopt, query_value("names=1&&=2", "name"));
}

}  // namespace
}  // namespace packwalk
