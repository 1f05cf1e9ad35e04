#include "base/json_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidjson/document.h>

#include <cmath>

#include "base/text.h"

namespace packwalk {
namespace {

template <class Value>
std::string json_of(const Value& value) {
  JsonWriter json;
  json.value(value);
  return json.take();
}

TEST(JsonWriter, PutsCommasBetweenMembersAndItems) {
  JsonWriter json;
  json.object([&] {
    json.member("a", 1);
    json.array("b", [&] {
      json.value("x");
      json.value(true);
      json.object([] {});
      json.array([] {});
    });
    json.object("c", [&] { json.member("d", nullptr); });
    json.member("e", std::optional<double>());
    json.member("f", std::optional(0.5));
  });
  EXPECT_EQ(R"({"a":1,"b":["x",true,{},[]],"c":{"d":null},"e":null,"f":0.5})", json.take());
}

TEST(JsonWriter, GoesOnBehindAPieceThatWasTaken) {
  JsonWriter json;
  std::string text;
  json.array([&] {
    json.value(1);
    text = json.take();
    json.value(2);
  });
  EXPECT_EQ("[1,2]", text + json.take());
}

TEST(JsonWriter, TakesJsonOfOthers) {
  JsonWriter json;
  json.array([&] {
    json.value(1);
    json.foreign([](std::string& text) { text.append("[7]"); });
    json.value(2);
  });
  EXPECT_EQ("[1,[7],2]", json.take());
}

TEST(JsonWriter, WritesTimesInIso8601) {
  EXPECT_EQ(R"("2026-01-01T10:00:00Z")", json_of(device_time(1'767'261'600)));
  EXPECT_EQ(R"("2026-01-01T10:00:00.000007Z")", json_of(server_time(1'767'261'600'000'007)));
  EXPECT_EQ("null", json_of(std::optional<ServerTime>()));
}

TEST(JsonWriter, WritesNumbersAsPeopleReadThem) {
  EXPECT_EQ("-9223372036854775808", json_of(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ("48.7000000", json_of(JsonDegrees{48.7}));
  EXPECT_EQ("-0.0000001", json_of(JsonDegrees{-1e-7}));
  EXPECT_EQ("0.0000000", json_of(JsonDegrees{-1e-9}));
  EXPECT_EQ("-180.0000000", json_of(JsonDegrees{-180}));
  EXPECT_EQ("1234567.89", json_of(JsonMeters{1234567.891}));
  EXPECT_EQ("null", json_of(JsonSaidMeters{}));
  EXPECT_EQ("4.49", json_of(JsonSaidMeters{4.4999})) << "4.50 would round to another whole metre";
  EXPECT_EQ(R"("say \"hi\"\u000a")", json_of("say \"hi\"\n"));
}

TEST(JsonWriter, WritesFixedPointAsPrintfDoes) {
  EXPECT_TRUE(rc::check([](double any) {
    RC_PRE(std::isfinite(any));
    const double degrees = std::fmod(any, 180);
    const std::string text = json_of(JsonDegrees{degrees});
    RC_ASSERT(std::abs(number_from<double>(text).value() - degrees) <= 0.5e-7 + 1e-13);
    RC_ASSERT(text.size() - text.find('.') == 8U);
    RC_ASSERT(std::abs(number_from<double>(json_of(JsonMeters{any})).value() - any) <= 0.005 + std::abs(any) * 1e-15);
  }));
}

TEST(JsonWriter, WritesWhatAReaderReadsBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& texts, const std::vector<std::int64_t>& numbers) {
    JsonWriter json;
    json.object([&] {
      json.array("texts", [&] {
        for (const std::string& text : texts) json.value(text);
      });
      for (const std::int64_t number : numbers) json.member("n", number);
    });
    rapidjson::Document read;
    read.Parse(json.take().c_str());
    RC_ASSERT(!read.HasParseError());
    RC_ASSERT(read["texts"].Size() == texts.size());
    RC_ASSERT(read.MemberCount() == numbers.size() + 1);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const bool is_ascii = std::all_of(texts[i].begin(), texts[i].end(), [](char c) { return c >= 0; });
      const auto& got = read["texts"][static_cast<rapidjson::SizeType>(i)];
      if (is_ascii) RC_ASSERT(std::string(got.GetString(), got.GetStringLength()) == texts[i]);
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      RC_ASSERT((read.MemberBegin() + static_cast<std::ptrdiff_t>(i) + 1)->value.GetInt64() == numbers[i]);
    }
  }));
}

}  // namespace
}  // namespace packwalk
