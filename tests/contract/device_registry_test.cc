// What every DeviceRegistry must do.
#include "ports/device_registry.h"

#include <gtest/gtest.h>

#include <map>

#include "app/devices/device_directory.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

DeviceId id(std::string_view text) { return DeviceId::from_text(text).value(); }

class DeviceRegistryContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  /// Devices whose tokens are "token of <id>".
  Result<void> add(const std::vector<std::string>& ids, std::int64_t now = 1) {
    std::vector<NewDevice> devices;
    devices.reserve(ids.size());
    for (const std::string& text : ids) devices.push_back({id(text), hash_of_token("token of " + text)});
    return registry->add(devices, server_time(now));
  }

  /// What changed since the last time that it was asked, by id.
  std::map<std::string, DeviceRecord> changes() {
    std::map<std::string, DeviceRecord> changed;
    revision = registry
                   ->changes_since(
                       revision,
                       [&](const DeviceRecord& record) {
                         EXPECT_TRUE(changed.emplace(record.device.id.text(), record).second);
                       },
                       leave_out)
                   .value();
    return changed;
  }

  std::map<std::string, DeviceRecord> all() {
    revision = 0;
    return changes();
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<DeviceRegistry> registry = installation->device_registry();
  std::int64_t revision = 0;
};

TEST_P(DeviceRegistryContract, FindsOneDeviceByIdAndByNumber) {
  ASSERT_TRUE(add({"ada", "rex", "tom"}));
  ASSERT_TRUE(registry->replace_token(id("rex"), hash_of_token("second"), server_time(2)));
  ASSERT_TRUE(registry->remove(id("tom"), server_time(3)));
  const auto known = all();
  for (const auto& [text, record] : known) {
    for (const DeviceKey& key : {DeviceKey(record.device.id), DeviceKey(record.device.number)}) {
      const auto found = registry->find(key);
      ASSERT_TRUE(found && *found) << text;
      EXPECT_EQ(record.device.number, (*found)->device.number);
      EXPECT_EQ(text, (*found)->device.id.text());
      EXPECT_EQ(record.device.removed_at, (*found)->device.removed_at);
      EXPECT_EQ(record.token, (*found)->token);
      EXPECT_EQ(record.replaced_tokens, (*found)->replaced_tokens);
    }
  }
  EXPECT_FALSE(registry->find(id("re")).value());
  EXPECT_FALSE(registry->find(DeviceNumber{77}).value());
}

TEST_P(DeviceRegistryContract, AddsManyAtOnce) {
  std::vector<std::string> ids;
  ids.reserve(1000);
  for (int i = 0; i < 1000; ++i) ids.push_back("dog-" + std::to_string(i));
  ASSERT_TRUE(add(ids, 77));
  const auto known = all();
  ASSERT_EQ(ids.size(), known.size());
  std::map<std::int64_t, int> numbers;
  for (const auto& [text, record] : known) {
    EXPECT_EQ(hash_of_token("token of " + text), record.token);
    EXPECT_TRUE(record.replaced_tokens.empty());
    EXPECT_EQ(server_time(77), record.device.created_at);
    EXPECT_FALSE(record.device.removed_at);
    EXPECT_GT(record.device.number.value, 0);
    ++numbers[record.device.number.value];
  }
  EXPECT_EQ(ids.size(), numbers.size());
  EXPECT_TRUE(add({}));
}

TEST_P(DeviceRegistryContract, NamesTheIdThatIsThereAlreadyAndAddsNone) {
  ASSERT_TRUE(add({"rex"}));
  const auto before = all();
  for (const std::vector<std::string>& ids : {std::vector<std::string>{"ada", "rex"}, {"rex", "ada"}}) {
    const auto refused = add(ids);
    ASSERT_FALSE(refused);
    EXPECT_EQ(Errc::conflict, refused.error().code);
    EXPECT_NE(std::string::npos, refused.error().detail.find("rex")) << refused.error().detail;
    EXPECT_EQ(std::string::npos, refused.error().detail.find("ada")) << refused.error().detail;
  }
  const auto twice = add({"ada", "bob", "ada"});
  ASSERT_FALSE(twice);
  EXPECT_NE(std::string::npos, twice.error().detail.find("ada")) << twice.error().detail;
  EXPECT_TRUE(changes().empty());
  EXPECT_EQ(before.size(), all().size());
  EXPECT_TRUE(add({"ada"})) << "the registry goes on after a refusal";
}

TEST_P(DeviceRegistryContract, TellsIdsApartByCase) {
  ASSERT_TRUE(add({"Rex", "rex", "REX"}));
  EXPECT_EQ(3u, all().size());
}

TEST_P(DeviceRegistryContract, RemembersReplacedTokens) {
  ASSERT_TRUE(add({"rex"}));
  ASSERT_TRUE(registry->replace_token(id("rex"), hash_of_token("second"), server_time(2)));
  ASSERT_TRUE(registry->replace_token(id("rex"), hash_of_token("third"), server_time(3)));
  DeviceRecord rex = all().at("rex");
  EXPECT_EQ(hash_of_token("third"), rex.token);
  std::vector wanted = {hash_of_token("token of rex"), hash_of_token("second")};
  std::sort(wanted.begin(), wanted.end());
  std::sort(rex.replaced_tokens.begin(), rex.replaced_tokens.end());
  EXPECT_EQ(wanted, rex.replaced_tokens);
}

TEST_P(DeviceRegistryContract, DoesNotFindWhatIsNotThere) {
  ASSERT_TRUE(add({"rex"}));
  ASSERT_TRUE(registry->remove(id("rex"), server_time(2)));
  all();
  for (const char* text : {"rex", "nobody"}) {
    const auto replaced = registry->replace_token(id(text), hash_of_token("new"), server_time(3));
    ASSERT_FALSE(replaced);
    EXPECT_EQ(Errc::not_found, replaced.error().code);
    const auto removed = registry->remove(id(text), server_time(3));
    ASSERT_FALSE(removed);
    EXPECT_EQ(Errc::not_found, removed.error().code);
  }
  EXPECT_TRUE(changes().empty());
}

TEST_P(DeviceRegistryContract, ForgetsTheTokensOfARemovedDeviceButNotTheDevice) {
  ASSERT_TRUE(add({"rex", "ada"}));
  ASSERT_TRUE(registry->replace_token(id("rex"), hash_of_token("second"), server_time(2)));
  ASSERT_TRUE(registry->remove(id("rex"), server_time(5)));
  const DeviceRecord rex = all().at("rex");
  EXPECT_EQ(server_time(5), rex.device.removed_at);
  EXPECT_FALSE(rex.token);
  EXPECT_TRUE(rex.replaced_tokens.empty());
  EXPECT_TRUE(all().at("ada").token);
}

TEST_P(DeviceRegistryContract, BringsARemovedIdBackWithItsNumber) {
  ASSERT_TRUE(add({"rex", "ada"}, 1));
  const DeviceNumber number = all().at("rex").device.number;
  ASSERT_TRUE(registry->remove(id("rex"), server_time(5)));
  ASSERT_TRUE(add({"rex"}, 9));
  const DeviceRecord rex = all().at("rex");
  EXPECT_EQ(number, rex.device.number);
  EXPECT_EQ(server_time(1), rex.device.created_at);
  EXPECT_FALSE(rex.device.removed_at);
  EXPECT_EQ(hash_of_token("token of rex"), rex.token);
  EXPECT_FALSE(add({"rex"})) << "it is there again";
}

TEST_P(DeviceRegistryContract, NeverGivesANumberTwice) {
  std::map<std::int64_t, std::string> owners;
  for (int round = 0; round < 5; ++round) {
    const std::string text = "dog-" + std::to_string(round);
    ASSERT_TRUE(add({text}));
    EXPECT_FALSE(add({"other-" + std::to_string(round), text}));
    for (const auto& [known, record] : all()) {
      EXPECT_EQ(known, owners.try_emplace(record.device.number.value, known).first->second);
    }
    ASSERT_TRUE(registry->remove(id(text), server_time(2)));
    registry = installation->device_registry();
  }
  EXPECT_EQ(5u, owners.size());
}

TEST_P(DeviceRegistryContract, TellsExactlyWhatChanged) {
  EXPECT_TRUE(changes().empty());
  ASSERT_TRUE(add({"rex", "ada"}));
  EXPECT_EQ(2u, changes().size());
  EXPECT_TRUE(changes().empty());

  auto other = installation->device_registry();
  ASSERT_TRUE(other->replace_token(id("rex"), hash_of_token("second"), server_time(2)));
  auto changed = changes();
  ASSERT_EQ(1u, changed.size());
  EXPECT_EQ(hash_of_token("second"), changed.at("rex").token);

  const NewDevice bob{id("bob"), hash_of_token("b")};
  ASSERT_TRUE(other->remove(id("rex"), server_time(3)));
  ASSERT_TRUE(other->add(std::span(&bob, 1), server_time(3)));
  changed = changes();
  ASSERT_EQ(2u, changed.size());
  EXPECT_TRUE(changed.at("rex").device.removed_at);
  EXPECT_TRUE(changed.contains("bob"));
  EXPECT_TRUE(changes().empty());
}

TEST_P(DeviceRegistryContract, FeedsADirectoryBesideIt) {
  DeviceDirectory directory(installation->device_registry());
  ASSERT_TRUE(add({"rex"}));
  EXPECT_EQ(TokenStanding::unknown, directory.by_token("token of rex").standing);
  ASSERT_TRUE(directory.refresh());
  const TokenLookup found = directory.by_token("token of rex");
  EXPECT_EQ(TokenStanding::valid, found.standing);
  EXPECT_EQ("rex", directory.id_of(found.device));
  ASSERT_TRUE(registry->replace_token(id("rex"), hash_of_token("second"), server_time(2)));
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(TokenStanding::replaced, directory.by_token("token of rex").standing);
  EXPECT_EQ(TokenStanding::valid, directory.by_token("second").standing);
}

INSTANTIATE_TEST_SUITE_P(Adapters, DeviceRegistryContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
