// `packwalk simulate` from its command line to its files, and live under a time that passes at once.
#include "packwalk/commands/simulate.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/temporary_folder.h"
#include "collars/simulate_live.h"
#include "packwalk/commands/simulate_values.h"
#include "town/town_stream.h"

namespace packwalk {
namespace {

int simulate(const std::string& arguments, SimulateHost host = {}) {
  CLI::App app;
  std::function<int()> chosen;
  add_simulate(app, chosen, std::move(host));
  try {
    app.parse("simulate " + arguments, false);
  } catch (const CLI::ParseError&) {
    return 2;
  }
  return chosen();
}

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class Simulate : public testing::Test {
 protected:
  const TemporaryFolder temporary;
  const std::filesystem::path folder = temporary.path() / "files";
};

TEST_F(Simulate, WritesTheSameFilesForASeed) {
  const std::string arguments =
      "--dogs 8 --city -16.8,180 --from 2026-05-04T05:00:00Z --hours 1.5 --walks 12 --no-night --off-leash 50% "
      "--duplicate 5% --shuffle 30s --offline 0.1 --sampling 2,9 --out ";
  ASSERT_EQ(0, simulate(arguments + (folder / "a").string()));
  ASSERT_EQ(0, simulate(arguments + (folder / "b").string()));
  for (const char* name : {"fixes.csv", "activity.csv", "uploads.ndjson", "truth.csv"}) {
    EXPECT_EQ(content(folder / "a" / name), content(folder / "b" / name));
    EXPECT_GT(content(folder / "a" / name).size(), 11u) << name;
  }
  EXPECT_TRUE(
      content(folder / "a" / "fixes.csv").starts_with("device,timestamp,lat,lon,altitude_m,accuracy_m\ndog-000"));
}

TEST_F(Simulate, LeavesTheUploadsOutOnRequest) {
  const std::string arguments = "--dogs 2 --city 48.7,44.5 --hours 30m --no-uploads --out " + folder.string();
  EXPECT_EQ(0, simulate(arguments));
  EXPECT_TRUE(std::filesystem::exists(folder / "fixes.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder / "uploads.ndjson"));
}

TEST_F(Simulate, OverwritesOnlyWhenForced) {
  const std::string arguments = "--dogs 2 --city 48.7,44.5 --hours 0.1 --out " + folder.string();
  EXPECT_EQ(0, simulate(arguments));
  EXPECT_EQ(1, simulate(arguments));
  EXPECT_EQ(0, simulate(arguments + " --force"));
}

TEST_F(Simulate, RefusesWhatItDoesNotUnderstand) {
  const std::string out = " --out " + folder.string();
  for (const char* wrong :
       {"", "--city 91,0", "--city here", "--city 1,1 --off-leash 120%", "--city 1,1 --noise=-1",
        "--city 1,1 --sampling 0", "--city 1,1 --sampling 9,3", "--city 1,1 --from yesterday",
        "--city 1,1 --shuffle soon", "--city 1,1 --dogs 0", "--city 1,1 --hours 0", "--city 1,1 --hours soon",
        "--city 1,1 --live", "--city 1,1 --live --from 2099-01-01T00:00:00Z"}) {
    EXPECT_EQ(2, simulate(wrong + out)) << wrong;
  }
  EXPECT_EQ(2, simulate("--city 1,1"));
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(SimulateValues, AreReadAsTheyAreWritten) {
  EXPECT_EQ(0.05, share_from("5%"));
  EXPECT_EQ(0.05, share_from("0.05"));
  EXPECT_FALSE(share_from("five"));
  EXPECT_EQ(90, seconds_from("1.5m"));
  EXPECT_EQ(30, seconds_from("30"));
  EXPECT_FALSE(seconds_from(""));
  EXPECT_EQ(24, hours_from("24"));
  EXPECT_EQ(1.5, hours_from("90m"));
  EXPECT_EQ(8, hours_from("8h"));
  for (const char* none : {"", "0", "-1h", "h", "soon"}) EXPECT_FALSE(hours_from(none)) << none;
  EXPECT_EQ(-180, place_from("-16.8,-180").value().longitude());
  EXPECT_FALSE(place_from("16.8"));
  EXPECT_EQ(std::pair(std::int64_t{5}, std::int64_t{5}), range_from("5"));
  EXPECT_EQ(std::pair(std::int64_t{1}, std::int64_t{30}), range_from("1,30"));
}

// Takes what comes, but not every time, and notes how late it was.
class FlakySink : public UploadSink {
 public:
  explicit FlakySink(const ServerTime& now) : now_(now) {}

  Result<void> send(const std::string& device, std::span<const town::Packet> packets) override {
    if (++attempts % 7 == 0) return fail(Errc::unavailable, "busy");
    for (const town::Packet& packet : packets) {
      EXPECT_LE(town::timestamp_of(packet), now_);
      sent.insert({device, std::holds_alternative<TrackPacket>(packet), town::timestamp_of(packet)});
    }
    return {};
  }
  void wait_until(ServerTime) override {}
  Result<void> finish() override { return {}; }

  std::set<std::tuple<std::string, bool, DeviceTime>> sent;
  std::size_t attempts = 0;

 private:
  const ServerTime& now_;
};

TEST(SimulateLive, SendsEverythingAtItsTimeThroughAFlakySink) {
  town::TownOptions options;
  options.dogs = 10;
  options.city = place_from("48.7,44.5").value();
  options.start += std::chrono::hours(13);
  options.seconds = 3600;
  options.walks_a_day = 10;
  const town::Town town(options);
  ServerTime now = options.start;
  const LiveTime time{[&] { return now; }, [&](ServerTime until) { now = std::max(now, until); }, [] { return false; }};
  FlakySink sink(now);
  const LiveTally tally = run_live(town, 1, sink, time, {});
  std::size_t made = 0;
  town::TownStream stream(town);
  for (town::TownMinutes minutes; stream.next(minutes);) made += minutes.made.size();
  EXPECT_GT(made, 1000u);
  EXPECT_EQ(made, sink.sent.size());
  EXPECT_EQ(made, tally.packets);
  EXPECT_EQ(0u, tally.given_up);
  EXPECT_GT(tally.repeated, 100u);
  EXPECT_LT(now - town.end(), std::chrono::minutes(3));
}

TEST(SimulateLive, StopsWhenTold) {
  town::TownOptions options;
  options.city = place_from("48.7,44.5").value();
  const town::Town town(options);
  ServerTime now = options.start;
  const ServerTime stop = now + std::chrono::minutes(90);
  const LiveTime time{[&] { return now; }, [&](ServerTime until) { now = std::max(now, until); },
                      [&] { return now >= stop; }};
  FlakySink sink(now);
  const LiveTally tally = run_live(town, 1, sink, time, {});
  EXPECT_LE(tally.until, stop);
  EXPECT_GT(tally.until, stop - std::chrono::minutes(2));
}

}  // namespace
}  // namespace packwalk
