#include "packwalk/commands/told_devices.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

namespace packwalk {
namespace {

using replay::DeviceFrom;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A name, and the seconds of its fixes.
using Named = std::pair<std::string, std::vector<std::int64_t>>;

class Files {
 public:
  void add(const std::string& path, const std::string& file_device, DeviceFrom from,
           const std::vector<Named>& devices) {
    ReadInput& input = inputs_.emplace_back(ReadInput{.path = path, .file_device = file_device});
    input.reading.device_from = from;
    std::vector<RecordedDevice> told;
    for (const auto& [name, seconds] : devices) {
      RecordedDevice& device = told.emplace_back(RecordedDevice{name, {}, {}});
      for (const std::int64_t second : seconds) device.fixes.push_back({.timestamp = device_time(second)});
    }
    told_.add(std::move(told), input, inputs_.size() - 1);
  }

  /// In the order of their names.
  std::vector<Named> take() {
    std::vector<Named> all;
    for (const RecordedDevice& device : told_.take(inputs_, notes_)) {
      Named& named = all.emplace_back(Named{device.name, {}});
      for (const PathFix& fix : device.fixes) named.second.push_back(seconds_since_1970(fix.timestamp));
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::string& warning(std::size_t input) const { return inputs_[input].reading.device_warning; }

 private:
  ToldDevices told_;
  std::vector<ReadInput> inputs_;
  std::vector<std::string> notes_;
};

TEST(ToldDevices, OfEqualNamesInColumnsAreOneAndThatIsNoted) {
  Files files;
  files.add("may.csv", "may", DeviceFrom::column, {{"rex", {1}}, {"bello", {2}}});
  files.add("june.csv", "june", DeviceFrom::column, {{"rex", {3}}});
  EXPECT_THAT(files.take(), ElementsAre(Named{"bello", {2}}, Named{"rex", {1, 3}}));
  EXPECT_THAT(files.notes(), ElementsAre("several files name the same devices: rex"));
}

TEST(ToldDevices, OfTracksThatAreNamedAlikeInSeveralFilesAreTheFiles) {
  Files files;
  files.add("rex.gpx", "rex", DeviceFrom::track,
            {{"Morning Walk", {0, 60, 90'000}}, {"Evening Walk", {40'000, 130'000}}});
  files.add("bello.gpx", "bello", DeviceFrom::track,
            {{"Morning Walk", {0, 60}}, {"Evening Walk", {40'000}}, {"bello", {9'000}}});
  EXPECT_THAT(files.take(),
              ElementsAre(Named{"bello", {0, 60, 40'000, 9'000}}, Named{"rex", {0, 60, 90'000, 40'000, 130'000}}));
  EXPECT_THAT(files.warning(0), HasSubstr("so all belong to one device, named after the file"));
  EXPECT_THAT(files.notes(), IsEmpty());
}

TEST(ToldDevices, OfTracksAtTheSameTimeAreOneEach) {
  Files files;
  files.add("monday.gpx", "monday", DeviceFrom::track, {{"Rex", {0, 60, 600}}, {"Bello", {30}}});
  files.add("tuesday.gpx", "tuesday", DeviceFrom::track, {{"Rex", {90'000}}, {"Luna", {90'000}}});
  EXPECT_THAT(files.take(), ElementsAre(Named{"monday: Bello", {30}}, Named{"monday: Rex", {0, 60, 600}},
                                        Named{"tuesday: Luna", {90'000}}, Named{"tuesday: Rex", {90'000}}));
  EXPECT_THAT(files.warning(1), HasSubstr("Each track of this file is read as a device of its own, tuesday: NAME"));
}

TEST(ToldDevices, OfTracksWithNamesOfTheirOwnKeepThem) {
  Files files;
  files.add("one.gpx", "one", DeviceFrom::track, {{"Rex", {0}}, {"Bello", {0}}});
  files.add("two.gpx", "two", DeviceFrom::track, {{"Luna", {0}}, {"Max", {0}}});
  EXPECT_THAT(files.take(), ElementsAre(Named{"Bello", {0}}, Named{"Luna", {0}}, Named{"Max", {0}}, Named{"Rex", {0}}));
}

TEST(ToldDevices, OfAFileAreNeverThoseOfAColumn) {
  Files files;
  files.add("all.csv", "all", DeviceFrom::column, {{"rex", {1}}});
  files.add("dogs/rex.csv", "rex", DeviceFrom::file, {{"rex", {1}}});
  EXPECT_THAT(files.take(), ElementsAre(Named{"dogs/rex.csv", {1}}, Named{"rex", {1}}));
  EXPECT_THAT(files.warning(1), HasSubstr("other files have a device rex"));
}

TEST(ToldDevices, OfAFileThatIsGivenTwiceAreTheSame) {
  Files files;
  for (int i = 0; i < 2; ++i) files.add("rex.csv", "rex.csv", DeviceFrom::file, {{"rex.csv", {1}}});
  EXPECT_THAT(files.take(), ElementsAre(Named{"rex.csv", {1, 1}}));
}

TEST(ToldDevices, HaveNamesOfTheirOwnWhateverTheNames) {
  Files files;
  files.add("all.csv", "all", DeviceFrom::column, {{"a.gpx", {1}}, {"a: X", {1}}, {"X", {1}}, {"a", {1}}});
  files.add("a.gpx", "a", DeviceFrom::track, {{"X", {1}}, {"Y", {1}}, {"a", {1}}});
  std::vector<Named> all = files.take();
  EXPECT_EQ(7U, all.size());
  const auto same = [](const Named& one, const Named& other) { return one.first == other.first; };
  EXPECT_EQ(all.end(), std::adjacent_find(all.begin(), all.end(), same));
}

}  // namespace
}  // namespace packwalk
