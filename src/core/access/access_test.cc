#include "core/access/access.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace packwalk {
namespace {

constexpr DeviceNumber rex{1};
constexpr DeviceNumber bella{2};

/// One column of the table of access: a caller, what it is to the device, and a letter for each action that it may do.
struct Column {
  const char* name;
  Caller caller;
  Relation relation;
  std::string_view may;  // in the order of `letters`
};
// present, history, originals, manage, send packets, administer
constexpr std::string_view letters = "phomsa";
constexpr std::array actions = {Action::present, Action::history,      Action::originals,
                                Action::manage,  Action::send_packets, Action::administer};

const std::array columns = {
    Column{"administrator", Administrator{}, Relation::stranger, "phom-a"},
    Column{"the device itself", CallingDevice{rex}, Relation::self, "----s-"},
    Column{"another device", CallingDevice{bella}, Relation::stranger, "------"},
    Column{"nobody", Nobody{}, Relation::stranger, "------"},
};

TEST(Access, FollowsTheTable) {
  static_assert(letters.size() == actions.size());
  for (const Column& column : columns) {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      EXPECT_EQ(column.may[i] == letters[i], may(column.caller, column.relation, actions.at(i)))
          << column.name << ", " << letters[i];
    }
  }
}

TEST(Access, OfWhoSeesADeviceIsForbiddenAndOfWhoDoesNotTheDeviceIsHidden) {
  for (const Column& column : columns) {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const bool is_granted = column.may[i] == letters[i];
      const bool is_visible = column.may[0] == letters[0] || column.relation == Relation::self;
      EXPECT_EQ(is_granted   ? Access::granted
                : is_visible ? Access::forbidden
                             : Access::hidden,
                access_to(column.caller, column.relation, actions.at(i)))
          << column.name << ", " << letters[i];
    }
  }
}

TEST(Access, WithAnyDeviceIsThatOfTheBestRelation) {
  EXPECT_TRUE(may_with_any(Administrator{}, Action::history));
  EXPECT_TRUE(may_with_any(CallingDevice{rex}, Action::send_packets));
  EXPECT_FALSE(may_with_any(CallingDevice{rex}, Action::present));
  EXPECT_FALSE(may_with_any(Nobody{}, Action::send_packets));
}

TEST(Access, RelatesADeviceToItselfAlone) {
  EXPECT_EQ(Relation::self, relation_of(CallingDevice{rex}, rex));
  EXPECT_EQ(Relation::stranger, relation_of(CallingDevice{rex}, bella));
  EXPECT_EQ(Relation::stranger, relation_of(Administrator{}, rex));
  EXPECT_EQ(Relation::stranger, relation_of(Nobody{}, rex));
}

TEST(Access, OfOneDeviceAndSightAgree) {
  for (const Column& column : columns) {
    for (const Action action : actions) {
      const Sight sight = sight_of(column.caller, action);
      for (const DeviceNumber device : {rex, bella}) {
        EXPECT_EQ(may(column.caller, relation_of(column.caller, device), action), sight.sees(device))
            << column.name << ", device " << device.value;
      }
    }
  }
}

TEST(Sight, OfAllSeesAll) {
  EXPECT_TRUE(Sight::of_all().sees_all());
  EXPECT_TRUE(Sight::of_all().sees(rex));
}

TEST(Sight, OfSomeSeesTheseAlone) {
  const Sight sight = Sight::of({bella, rex, bella});
  EXPECT_FALSE(sight.sees_all());
  EXPECT_EQ((std::vector<DeviceNumber>{rex, bella}),
            std::vector<DeviceNumber>(sight.devices().begin(), sight.devices().end()));
  EXPECT_TRUE(sight.sees(bella));
  EXPECT_FALSE(sight.sees(DeviceNumber{3}));
  EXPECT_FALSE(Sight::of({}).sees(rex));
}

}  // namespace
}  // namespace packwalk
