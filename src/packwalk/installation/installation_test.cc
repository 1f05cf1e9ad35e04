#include "packwalk/installation/installation.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_folder.h"
#include "base/token.h"

namespace packwalk {
namespace {

class InstallationTest : public testing::Test {
 protected:
  InstallationOptions at(const std::string& name) const { return {.data = folder_.file(name), .config = {}}; }

  TemporaryFolder folder_;
};

TEST_F(InstallationTest, MakesNothingWhereNoneIs) {
  auto installation = Installation::open(at("none"));
  ASSERT_TRUE(installation);
  const auto registry = installation->device_registry();
  ASSERT_FALSE(registry);
  EXPECT_EQ(Errc::not_found, registry.error().code);
  EXPECT_EQ("there is no " + installation->path_of("packwalk.db") + ". Check --data", registry.error().detail);
  EXPECT_FALSE(std::filesystem::exists(installation->data()));
}

TEST_F(InstallationTest, MakesAPrivateFolderAndADatabaseWhenItMay) {
  auto made = Installation::make(at("new"));
  ASSERT_TRUE(made);
  ASSERT_TRUE(made->device_registry());
  EXPECT_TRUE(std::filesystem::exists(made->path_of("packwalk.db")));
  EXPECT_EQ(std::filesystem::perms::owner_all, std::filesystem::status(made->data()).permissions());
  auto opened = Installation::open(at("new"));
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->query_store());
}

TEST_F(InstallationTest, OpensTheStoreOnceAndItsPartsWithEachCall) {
  auto installation = Installation::make(at("one"));
  ASSERT_TRUE(installation);
  const auto first = installation->store();
  const auto second = installation->store();
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(*first, *second);
  const auto one = installation->device_registry();
  const auto other = installation->device_registry();
  ASSERT_TRUE(one);
  ASSERT_TRUE(other);
  EXPECT_NE(one->get(), other->get());
}

TEST_F(InstallationTest, LooksForTheStoreAgainAfterItWasMissing) {
  auto early = Installation::open(at("later"));
  ASSERT_TRUE(early);
  EXPECT_FALSE(early->store());
  auto made = Installation::make(at("later"));
  ASSERT_TRUE(made);
  ASSERT_TRUE(made->device_registry());
  EXPECT_TRUE(early->store());
}

TEST_F(InstallationTest, ReadsTheConfigurationOfItsFolderUnlessAnotherFileIsNamed) {
  std::ofstream(folder_.file("packwalk.toml")) << "[http]\nqueries_max = 11\n";
  std::ofstream(folder_.file("other.toml")) << "[http]\nqueries_max = 12\n";
  InstallationOptions options = at("");
  EXPECT_EQ(11U, Installation::open(options)->config().http.queries_max);
  options.config = folder_.file("other.toml");
  EXPECT_EQ(12U, Installation::open(options)->config().http.queries_max);
}

TEST_F(InstallationTest, SaysThatNoArchiveIsConfigured) {
  const auto archive = Installation::open(at("none"))->archive();
  ASSERT_FALSE(archive);
  EXPECT_EQ(Errc::invalid_input, archive.error().code);
}

TEST_F(InstallationTest, ReportsAFolderThatCannotBeMade) {
  std::ofstream(folder_.file("file")) << "no folder";
  const auto made = Installation::make(at("file"));
  ASSERT_FALSE(made);
  EXPECT_EQ(Errc::unavailable, made.error().code);
}

TEST_F(InstallationTest, IsServedByOneProcessAtATime) {
  auto one = DataDirectory::open(folder_.file("served"));
  auto other = DataDirectory::open(folder_.file("served"));
  ASSERT_TRUE(one);
  ASSERT_TRUE(other);
  EXPECT_TRUE(one->lock());
  const auto refused = other->lock();
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::conflict, refused.error().code);
}

TEST_F(InstallationTest, KeepsItsAdministratorsTokenAndRefusesOneThatOthersCanRead) {
  const auto directory = DataDirectory::open(folder_.file("private"));
  ASSERT_TRUE(directory);
  EXPECT_EQ(Errc::not_found, directory->read_admin_token().error().code);
  const auto made = directory->admin_token();
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, *directory->admin_token());
  ASSERT_EQ(0, ::chmod(directory->file("admin.token").c_str(), 0644));
  EXPECT_EQ(Errc::invalid_input, directory->read_admin_token().error().code);
}

TEST_F(InstallationTest, FindsFilesThatOthersMayReadOnlyWhereTheFoldersLetThemIn) {
  const auto directory = DataDirectory::open(folder_.file("read"));
  ASSERT_TRUE(directory);
  const auto make = [&](const std::string& name, mode_t mode) {
    std::ofstream(directory->file(name)) << "x";
    ASSERT_EQ(0, ::chmod(directory->file(name).c_str(), mode));
  };
  ASSERT_EQ(0, ::mkdir(directory->file("queue").c_str(), 0700));
  make("packwalk.db", 0644);
  make("packwalk.db-wal", 0600);
  make("queue/00000001.journal", 0640);
  make("queue/00000002.journal", 0640);
  const auto found = [&](mode_t folder, mode_t queue) {
    EXPECT_EQ(0, ::chmod(directory->file("queue").c_str(), queue));
    EXPECT_EQ(0, ::chmod(directory->path().c_str(), folder));
    std::string all;
    for (const Finding& each : directory->examine_permissions()) {
      EXPECT_EQ(Severity::doubtful, each.severity);
      all += each.says.substr(each.says.rfind('/') + 1) + "; ";
    }
    return all;
  };
  EXPECT_EQ("", found(0700, 0755)) << "nobody gets into the folder";
  EXPECT_FALSE(lets_others_read(directory->file("packwalk.db")));
  EXPECT_EQ("packwalk.db; ", found(0755, 0700));
  EXPECT_TRUE(lets_others_read(directory->file("packwalk.db")));
  EXPECT_EQ("packwalk.db; ", found(0711, 0701)) << "only the group could read the journal";
  EXPECT_EQ("packwalk.db; 00000001.journal and 1 other file; ", found(0750, 0750));
}

}  // namespace
}  // namespace packwalk
