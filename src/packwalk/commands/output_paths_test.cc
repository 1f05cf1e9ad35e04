#include "packwalk/commands/output_paths.h"

#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/temporary_folder.h"

namespace packwalk {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OutputPaths : public testing::Test {
 protected:
  OutputPaths() { std::ofstream(path("walk.csv")) << "walk"; }

  std::string path(const std::string& name) const { return folder.file(name); }
  static std::string trouble(const Result<void>& result) { return result ? "" : result.error().detail; }

  const TemporaryFolder folder;
};

TEST_F(OutputPaths, AreNeverTheSameFile) {
  const auto check = [](const std::vector<std::string>& outputs, const std::vector<std::string>& inputs) {
    return trouble(check_distinct(outputs, inputs));
  };
  EXPECT_EQ("", check({path("a.csv"), path("b.csv"), "", "", "-"}, {path("walk.csv"), "-"}));
  EXPECT_EQ("", check({"/dev/null", "/dev/null"}, {}));
  EXPECT_EQ("two outputs are the same file: " + path("a.csv"), check({path("a.csv"), "", path("./a.csv")}, {}));
  EXPECT_THAT(check({path("new/../a.csv"), path("a.csv")}, {}), HasSubstr("two outputs are the same file"));
  EXPECT_EQ(path("walk.csv") + " is both input and output", check({path("walk.csv")}, {"-", path("walk.csv")}));
  fs::create_symlink(path("walk.csv"), path("symbolic.csv"));
  fs::create_hard_link(path("walk.csv"), path("hard.csv"));
  for (const char* link : {"symbolic.csv", "hard.csv"}) {
    EXPECT_THAT(check({path(link)}, {path("walk.csv")}), HasSubstr("is both input and output")) << link;
  }
  EXPECT_THAT(check({path("symbolic.csv"), path("hard.csv")}, {}), HasSubstr("two outputs are the same file"));
}

TEST_F(OutputPaths, AreLookedAtBeforeAnythingIsRead) {
  EXPECT_EQ("", trouble(check_may_write(path("new.csv"), false)));
  EXPECT_EQ("", trouble(check_may_write("/dev/full", false)));
  EXPECT_EQ("", trouble(check_may_write("new.csv", false)));
  EXPECT_EQ(path("walk.csv") + " exists already (--force overwrites it)",
            trouble(check_may_write(path("walk.csv"), false)));
  EXPECT_EQ("", trouble(check_may_write(path("walk.csv"), true)));
  EXPECT_EQ("cannot write " + path("no/new.csv") + ": there is no folder " + path("no"),
            trouble(check_may_write(path("no/new.csv"), true)));
  EXPECT_EQ("cannot write " + folder.path().string() + ": it is a folder",
            trouble(check_may_write(folder.path().string(), true)));
}

}  // namespace
}  // namespace packwalk
