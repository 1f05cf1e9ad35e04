// The cases of the specification, by the default rules, on every store: what is derived before a packet comes and after
// it, in plain numbers. Dogs take one way at 1 m/s, with a fix in ten seconds; 4 m of accuracy make them near each
// other up to 11.65 m.
#include <gmock/gmock.h>

#include "tests/simulation/dog_day.h"

namespace packwalk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using enum Dog;

class Cases : public testing::TestWithParam<StoreAdapter> {};

// Joint walks.

TEST_P(Cases, ThreeDogsWalkInAllPairs) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:20") + walk(bella, "9:00", "9:20") + walk(milo, "9:05", "9:25"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, milo: 9:05:00 to 9:20:00, 901 s in 1 contact, 901 s near",
                                             "bella, rex: 9:00:00 to 9:20:00, 1201 s in 1 contact, 1201 s near",
                                             "milo, rex: 9:05:00 to 9:20:00, 901 s in 1 contact, 901 s near"));
}

TEST_P(Cases, TwoDogsWalkApartAndMeetAgainInsideOneTrack) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:40") + walk(bella, "9:00", "9:10") + walk(bella, "9:10:10", "9:17:50", 200) +
              walk(bella, "9:18", "9:40"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:40:00, 241 fixes, 2.8 km"));
  EXPECT_THAT(day.contacts(),
              ElementsAre("bella, rex: 9:00:00 to 9:10:00, 601 s near", "bella, rex: 9:18:00 to 9:40:00, 1321 s near"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:40:00, 1922 s in 2 contacts, 1922 s near"));
}

TEST_P(Cases, WhoeverMeetsAgainAfterMoreThanTenMinutesWalksAnew) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:40") + walk(bella, "9:00", "9:10") + walk(bella, "9:10:10", "9:20", 200) +
              walk(bella, "9:20:01", "9:40"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:40:00, 242 fixes, 2.8 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:10:00, 601 s in 1 contact, 601 s near",
                                             "bella, rex: 9:20:01 to 9:40:00, 1200 s in 1 contact, 1200 s near"));
}

TEST_P(Cases, OneJointWalkOfADogOverlapsSeveralOfAnothers) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "10:00") + walk(bella, "9:00", "10:00") + walk(milo, "9:00", "9:15") +
              walk(milo, "9:15:10", "9:39:50", 300) + walk(milo, "9:40", "10:00"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, milo: 9:00:00 to 9:15:00, 901 s in 1 contact, 901 s near",
                                             "bella, milo: 9:40:00 to 10:00:00, 1201 s in 1 contact, 1201 s near",
                                             "bella, rex: 9:00:00 to 10:00:00, 3601 s in 1 contact, 3601 s near",
                                             "milo, rex: 9:00:00 to 9:15:00, 901 s in 1 contact, 901 s near",
                                             "milo, rex: 9:40:00 to 10:00:00, 1201 s in 1 contact, 1201 s near"));
}

TEST_P(Cases, NineMinutesAndFiftyNineSecondsAreNoJointWalkAndTenMinutesAreOne) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:30") + walk(bella, "9:00", "9:09:59"));
  EXPECT_THAT(day.contacts(), ElementsAre("bella, rex: 9:00:00 to 9:09:59, 600 s near"));
  EXPECT_THAT(day.joint_walks(), IsEmpty());
  day.arrives(fix(bella, "9:10"));
  EXPECT_THAT(day.contacts(), ElementsAre("bella, rex: 9:00:00 to 9:10:00, 601 s near"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:10:00, 601 s in 1 contact, 601 s near"));
}

TEST_P(Cases, TwoCollarsOnAShelfForANightDoNotWalk) {
  DogDay day(GetParam());
  day.arrives(lie(rex, "22:00", "30:00") + lie(bella, "22:00", "30:00"));
  EXPECT_THAT(day.contacts(), Not(IsEmpty()));
  EXPECT_THAT(day.joint_walks(), IsEmpty());
}

// Whenever packets come.

TEST_P(Cases, OneTrackArrivesEightHoursLater) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:40"));
  day.arrives(walk(rex, "17:00", "17:40") + walk(milo, "17:00", "17:40"));
  const std::string in_the_evening = "milo, rex: 17:00:00 to 17:40:00, 2401 s in 1 contact, 2401 s near";
  EXPECT_THAT(day.joint_walks(), ElementsAre(in_the_evening));
  EXPECT_THAT(day.tracks(bella), IsEmpty());
  day.arrives(walk(bella, "9:10", "9:50"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:10:00 to 9:50:00, 241 fixes, 2.4 km"));
  EXPECT_THAT(day.joint_walks(),
              ElementsAre("bella, rex: 9:10:00 to 9:40:00, 1801 s in 1 contact, 1801 s near", in_the_evening));
}

TEST_P(Cases, ATrackArrivesInPiecesBackwards) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:40"));
  day.arrives(backwards(walk(bella, "9:30", "9:40")));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:30:00 to 9:40:00, 61 fixes, 0.6 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:30:00 to 9:40:00, 601 s in 1 contact, 601 s near"));
  day.arrives(backwards(walk(bella, "9:20", "9:29:50")));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:20:00 to 9:40:00, 121 fixes, 1.2 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:20:00 to 9:40:00, 1201 s in 1 contact, 1201 s near"));
  day.arrives(backwards(walk(bella, "9:00", "9:09:50")));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:09:50, 60 fixes, 0.6 km",  //
                                             "9:20:00 to 9:40:00, 121 fixes, 1.2 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:20:00 to 9:40:00, 1201 s in 1 contact, 1201 s near"));
  day.arrives(backwards(walk(bella, "9:10", "9:19:50")));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:40:00, 241 fixes, 2.4 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:40:00, 2401 s in 1 contact, 2401 s near"));
}

TEST_P(Cases, ALateFixJoinsTwoTracks) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:40"));
  day.arrives(walk(bella, "9:00", "9:10") + walk(bella, "9:21", "9:31"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:10:00, 61 fixes, 0.6 km",  //
                                             "9:21:00 to 9:31:00, 61 fixes, 0.6 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:10:00, 601 s in 1 contact, 601 s near",
                                             "bella, rex: 9:21:00 to 9:31:00, 601 s in 1 contact, 601 s near"));
  day.arrives(fix(bella, "9:15"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:31:00, 123 fixes, 1.9 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:31:00, 1203 s in 3 contacts, 1203 s near"));
}

/// A fix never splits a track, as it makes gaps no longer; a sleep does. But one fix tells that the dogs were apart.
TEST_P(Cases, ALateFixSplitsAContact) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:20"));
  day.arrives(walk(bella, "9:00", "9:10") + walk(bella, "9:11:30", "9:20"));
  EXPECT_THAT(day.contacts(), ElementsAre("bella, rex: 9:00:00 to 9:20:00, 1201 s near"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:20:00, 1201 s in 1 contact, 1201 s near"));
  day.arrives(fix(bella, "9:10:45", 200));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:20:00, 114 fixes, 1.5 km"));
  EXPECT_THAT(day.contacts(),
              ElementsAre("bella, rex: 9:00:00 to 9:10:02, 603 s near", "bella, rex: 9:11:28 to 9:20:00, 513 s near"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:20:00, 1116 s in 2 contacts, 1116 s near"));
}

TEST_P(Cases, ALateSleepSplitsATrackAndNotItsJointWalk) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "9:00", "9:40") + walk(bella, "9:00", "9:40"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:40:00, 241 fixes, 2.4 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:40:00, 2401 s in 1 contact, 2401 s near"));
  day.arrives(sample(bella, "9:20:05", Activity::sleep, 0));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:20:00, 121 fixes, 1.2 km",  //
                                             "9:20:10 to 9:40:00, 120 fixes, 1.2 km"));
  EXPECT_THAT(day.tracks(rex), ElementsAre("9:00:00 to 9:40:00, 241 fixes, 2.4 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:40:00, 2401 s in 1 contact, 2392 s near"));
}

// Whatever the clock and the place.

TEST_P(Cases, WalksGoOnAcrossMidnight) {
  DogDay day(GetParam());
  day.arrives(walk(rex, "23:40", "24:20") + walk(bella, "23:50", "24:20") + samples(rex, "23:50", "24:20"));
  EXPECT_THAT(day.tracks(rex), ElementsAre("23:40:00 to 24:20:00, 241 fixes, 2.4 km"));
  EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 23:50:00 to 24:20:00, 1801 s in 1 contact, 1801 s near"));
  EXPECT_THAT(day.activity(rex),
              ElementsAre("23:30 walk in track: 300 s, 50 steps",    // of the first sample, ten minutes
                          "23:45 walk in track: 900 s, 1050 steps",  //
                          "24:00 walk in track: 900 s, 1500 steps",  //
                          "24:15 walk in track: 300 s, 500 steps"));
}

/// All that is derived is in UTC, where days have no other length: only a question may ask for days of a time zone.
TEST_P(Cases, AChangeToSummerTimeChangesNothing) {
  const std::vector<std::int64_t> midnights = {1'777'852'800,   // an ordinary day
                                               1'774'742'400,   // 2026-03-29: Berlin, at 1:00 UTC, to summer time
                                               1'792'886'400};  // 2026-10-25: and back
  for (const std::int64_t midnight : midnights) {
    DogDay day(GetParam(), {.midnight = midnight});
    day.arrives(walk(rex, "0:40", "1:20") + walk(bella, "0:40", "1:20") + samples(rex, "0:46", "1:15"));
    EXPECT_THAT(day.tracks(rex), ElementsAre("0:40:00 to 1:20:00, 241 fixes, 2.4 km")) << midnight;
    EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 0:40:00 to 1:20:00, 2401 s in 1 contact, 2401 s near"));
    EXPECT_THAT(day.activity(rex),
                ElementsAre("0:30 walk in track: 540 s, 90 steps",  //
                            "0:45 walk in track: 900 s, 1410 steps", "1:00 walk in track: 900 s, 1500 steps"));
  }
}

TEST_P(Cases, NoPlaceOnEarthIsSpecial) {
  const std::vector<Scene> scenes = {{},
                                     {.latitude = 10, .longitude = 179.99, .bearing = 90},
                                     {.latitude = -10, .longitude = -179.99, .bearing = -60},
                                     {.latitude = 89.99, .longitude = 44.5, .bearing = 0},
                                     {.latitude = -89.99, .longitude = -120, .bearing = 180}};
  for (const Scene& scene : scenes) {
    DogDay day(GetParam(), scene);
    day.arrives(walk(rex, "9:00", "9:40") + walk(bella, "9:00", "9:10") + walk(bella, "9:18", "9:40"));
    EXPECT_THAT(day.tracks(rex), ElementsAre("9:00:00 to 9:40:00, 241 fixes, 2.4 km")) << scene.latitude;
    EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:40:00, 194 fixes, 2.4 km"));
    EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:40:00, 1922 s in 2 contacts, 1922 s near"));
    day.arrives(walk(bella, "9:10:10", "9:17:50", 200));
    EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:40:00, 241 fixes, 2.8 km")) << scene.latitude;
    EXPECT_THAT(day.joint_walks(), ElementsAre("bella, rex: 9:00:00 to 9:40:00, 1922 s in 2 contacts, 1922 s near"));
  }
}

// Activity.

TEST_P(Cases, ALateFixMovesTheActivityUpToIt) {
  DogDay day(GetParam());
  day.arrives(walk(bella, "9:00", "9:20") + samples(bella, "9:00", "9:30"));
  EXPECT_THAT(day.activity(bella), ElementsAre("8:45 walk in track: 600 s, 100 steps",    //
                                               "9:00 walk in track: 900 s, 1500 steps",   //
                                               "9:15 walk off track: 600 s, 1000 steps",  //
                                               "9:15 walk in track: 300 s, 500 steps"));
  day.arrives(fix(bella, "9:26"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:26:00, 122 fixes, 1.6 km"));
  EXPECT_THAT(day.activity(bella), ElementsAre("8:45 walk in track: 600 s, 100 steps",   //
                                               "9:00 walk in track: 900 s, 1500 steps",  //
                                               "9:15 walk off track: 240 s, 400 steps",  //
                                               "9:15 walk in track: 660 s, 1100 steps"));
  day.arrives(fix(bella, "9:36:01"));                                                    // a track of its own
  EXPECT_THAT(day.activity(bella), ElementsAre("8:45 walk in track: 600 s, 100 steps",   //
                                               "9:00 walk in track: 900 s, 1500 steps",  //
                                               "9:15 walk off track: 240 s, 400 steps",  //
                                               "9:15 walk in track: 660 s, 1100 steps"));
}

TEST_P(Cases, ALateSleepMovesTheActivityInItsPauseOutOfTrack) {
  DogDay day(GetParam());
  day.arrives(walk(bella, "9:00", "9:10") + walk(bella, "9:19", "9:30") + samples(bella, "9:00", "9:30"));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:30:00, 128 fixes, 1.8 km"));
  EXPECT_THAT(day.activity(bella), ElementsAre("8:45 walk in track: 600 s, 100 steps",   //
                                               "9:00 walk in track: 900 s, 1500 steps",  //
                                               "9:15 walk in track: 900 s, 1500 steps"));
  day.arrives(sample(bella, "9:17:30", Activity::sleep, 0));
  EXPECT_THAT(day.tracks(bella), ElementsAre("9:00:00 to 9:10:00, 61 fixes, 0.6 km",  //
                                             "9:19:00 to 9:30:00, 67 fixes, 0.7 km"));
  EXPECT_THAT(day.activity(bella), ElementsAre("8:45 walk in track: 600 s, 100 steps",     //
                                               "9:00 walk off track: 300 s, 500 steps",    //
                                               "9:00 walk in track: 600 s, 1000 steps",    // until 9:10
                                               "9:15 sleep off track: 30 s, 0 steps",      //
                                               "9:15 walk off track: 150 s, 300 steps",    //
                                               "9:15 walk in track: 720 s, 1200 steps"));  // from the sample of 9:19 on
}

/// At odd times, with odd steps, and in three parts that come backwards.
TEST_P(Cases, ActivityLosesNoSecondAndNoStep) {
  DogDay day(GetParam());
  day.arrives(walk(bella, "9:00", "9:20") + walk(bella, "10:00", "10:20"));
  std::vector<Packets> parts(3);
  std::int64_t seconds = 0;
  std::int64_t steps = 0;
  int at = clock("8:50:07");
  for (int i = 0; i < 180; ++i) {
    const int pause = i == 0 || i % 60 == 59 ? 731 : 13 + 17 * i % 61;
    at += pause;
    seconds += std::min(pause, 600);
    steps += 7 * i % 101;
    parts[static_cast<std::size_t>(i / 60)].all.push_back(
        {.dog = bella, .at = at, .activity = i % 9 == 0 ? Activity::trot : Activity::walk, .steps = 7 * i % 101});
  }
  for (const int part : {2, 1, 0}) day.arrives(backwards(parts[static_cast<std::size_t>(part)]));
  std::int64_t in_track = 0;
  for (const ActivitySum& sum : day.activity_sums(bella)) {
    seconds -= sum.seconds;
    steps -= sum.steps;
    in_track += sum.key.in_track ? sum.seconds : 0;
  }
  EXPECT_EQ(0, seconds);
  EXPECT_EQ(0, steps);
  EXPECT_LT(0, in_track);
}

INSTANTIATE_TEST_SUITE_P(Adapters, Cases, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
