#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace packwalk {
namespace {

TEST(EditDistance, CountsLettersThatDiffer) {
  EXPECT_EQ(0U, edit_distance("device", "device"));
  EXPECT_EQ(1U, edit_distance("devise", "device"));
  EXPECT_EQ(1U, edit_distance("devcie", "device")) << "two neighbours are swapped";
  EXPECT_EQ(1U, edit_distance("devic", "device"));
  EXPECT_EQ(6U, edit_distance("", "device"));
  EXPECT_EQ(6U, edit_distance("device", ""));
  EXPECT_EQ(3U, edit_distance("kitten", "sitting"));
}

TEST(NearestTo, NamesWhatWasProbablyMeant) {
  const std::vector<std::string> known = {"serve", "device", "doctor", "analyse", "replay"};
  EXPECT_EQ("device", nearest_to("devise", known));
  EXPECT_EQ("analyse", nearest_to("analyze", known));
  EXPECT_EQ("serve", nearest_to("server", known));
  EXPECT_EQ(std::nullopt, nearest_to("nonsense", known));
  for (const char* word : {"", "set", "move", "store", "restart", "vice"}) {
    EXPECT_EQ(std::nullopt, nearest_to(word, known)) << word;
  }
  EXPECT_EQ(std::nullopt, nearest_to("device", {}));
}

TEST(NearestTo, TakesTheFirstOfEquals) {
  const std::vector<std::string> known = {"cat", "car", "cab"};
  EXPECT_EQ("cat", nearest_to("cax", known));
  EXPECT_EQ("car", nearest_to("car", known));
}

TEST(NearestTo, IsNotHeldUpByALongWord) {
  const std::vector<std::string> known = {"device"};
  EXPECT_EQ(std::nullopt, nearest_to(std::string(10'000'000, 'x'), known));
}

}  // namespace
}  // namespace packwalk
