#include "core/walk/touched_seconds.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace packwalk {
namespace {

/// Contacts of one pair, in the order of time.
std::vector<Contact> any_contacts() {
  std::vector<Contact> contacts;
  Second at = 0;
  const auto drawn = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(31, 900), rc::gen::inRange(0, 300)));
  for (const auto& [hole, length] : drawn) {
    at += hole;
    contacts.push_back({.from = at, .to = at + length});
    at += length;
  }
  return contacts;
}

TEST(ChainsAround, LeavesNothingWithinReachAndTakesNothingElse) {
  EXPECT_TRUE(rc::check([] {
    const std::vector<Contact> contacts = any_contacts();
    const WalkRules rules;
    const Second from = *rc::gen::inRange(0, 20'000);
    const Seconds changed{from, from + *rc::gen::inRange(0, 1500)};
    const Seconds chains = chains_around(changed, contacts, rules);
    RC_ASSERT(chains.from <= changed.from);
    RC_ASSERT(chains.to >= changed.to);
    const Seconds reach = widened(chains, chain_reach(rules));
    bool begins = chains.from == changed.from;
    bool ends = chains.to == changed.to;
    for (const Contact& contact : contacts) {
      const bool inside = chains.from <= contact.from && contact.to <= chains.to;
      RC_ASSERT(inside || !touch(reach, {contact.from, contact.to}));
      begins = begins || chains.from == contact.from;
      ends = ends || chains.to == contact.to;
    }
    RC_ASSERT(begins);
    RC_ASSERT(ends);
  }));
}

TEST(ChainsAround, GoesFromContactToContactBothWays) {
  const Contact contacts[] = {{0, 100, 1}, {700, 800, 1}, {1400, 1500, 1}, {2101, 2200, 1}};
  EXPECT_EQ((Seconds{0, 1500}), chains_around({900, 950}, contacts, WalkRules()));
  EXPECT_EQ((Seconds{2101, 2900}), chains_around({2800, 2900}, contacts, WalkRules()));
}

}  // namespace
}  // namespace packwalk
