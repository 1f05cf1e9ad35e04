#include "packwalk/installation/log.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

const std::chrono::system_clock::time_point time{std::chrono::seconds(1'769'853'600) + std::chrono::microseconds(42)};

std::string logfmt(const LogFields& fields) {
  return log_line(LogFormat::logfmt, time, LogLevel::warning, "e", fields);
}
std::string json(const LogFields& fields) { return log_line(LogFormat::json, time, LogLevel::info, "e", fields); }

constexpr const char* logfmt_beginning = "time=2026-01-31T10:00:00.000042Z level=warning event=e";
constexpr const char* json_beginning = R"({"time":"2026-01-31T10:00:00.000042Z","level":"info","event":"e")";

TEST(LogLine, OfLogfmtQuotesOnlyWhatMustBe) {
  EXPECT_EQ(logfmt_beginning, logfmt({}));
  EXPECT_EQ(logfmt_beginning + std::string(" address=[::1]:80 count=14 seconds=0.5"),
            logfmt({{"address", "[::1]:80"}, {"count", 14}, {"seconds", 0.5}}));
  EXPECT_EQ(logfmt_beginning + std::string(R"( data="/my folder" nothing="" pair="a=b")"),
            logfmt({{"data", "/my folder"}, {"nothing", ""}, {"pair", "a=b"}}));
}

TEST(LogLine, OfLogfmtEscapesWhatWouldEndTheValueOrTheLine) {
  EXPECT_EQ(logfmt_beginning + std::string(R"( error="connection to \"127.0.0.1\" failed:\u000ano \\ route")"),
            logfmt({{"error", "connection to \"127.0.0.1\" failed:\nno \\ route"}}));
  EXPECT_EQ(logfmt_beginning + std::string(" a=\"\\u001b[31m\" b=\"\xEF\xBF\xBD\" c=\"R\xC3\xBC"
                                           "diger\""),
            logfmt({{"a", "\x1b[31m"},
                    {"b", "\xff"},
                    {"c",
                     "R\xC3\xBC"
                     "diger"}}));
}

TEST(LogLine, OfJsonIsAnObject) {
  EXPECT_EQ(json_beginning + std::string("}"), json({}));
  EXPECT_EQ(json_beginning + std::string(R"(,"count":-3,"seconds":1.25,"error":"say \"no\"\u000a","door":"osmand"})"),
            json({{"count", -3}, {"seconds", 1.25}, {"error", "say \"no\"\n"}, {"door", "osmand"}}));
}

}  // namespace
}  // namespace packwalk
