#include "app/access/identify.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace packwalk {
namespace {

const std::string rex_token = "pw_" + std::string(32, 'r');
const std::string old_token = "pw_" + std::string(32, 'o');
const std::string new_token = "pw_" + std::string(32, 'n');

constexpr DeviceNumber rex{1};

/// What it holds changes with its revision.
struct Shared {
  std::vector<DeviceRecord> records;
  std::int64_t revision = 0;
  bool broken = false;
  int asked = 0;
};

class SharedRegistry final : public DeviceRegistry {
 public:
  explicit SharedRegistry(Shared& shared) : shared_(shared) {}

  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::optional<DeviceRecord>> find(const DeviceKey&) override { return fail(Errc::unavailable, "not asked"); }
  Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take, const ForgetDevice&) override {
    ++shared_.asked;
    if (shared_.broken) return fail(Errc::unavailable, "the disk is gone");
    if (revision < shared_.revision) {
      for (const DeviceRecord& record : shared_.records) take(record);
    }
    return shared_.revision;
  }

 private:
  Shared& shared_;
};

class IdentifyTest : public testing::Test {
 protected:
  void put(std::string_view name, std::int64_t number, std::string_view token, const std::vector<TokenHash>& old = {}) {
    shared.records.push_back({{DeviceNumber{number}, DeviceId::from_text(name).value(), server_time(1), std::nullopt},
                              hash_of_token(token),
                              old});
    ++shared.revision;
  }
  Caller known(const Credentials& credentials) const { return identify.from_memory(credentials).caller; }
  /// After a look-up on a thread that is there at once.
  Result<Identity> looked_up(const Credentials& credentials) const {
    Result<Identity> found = fail(Errc::broken, "nobody answered");
    const auto at_once = [](const std::function<void()>& work, const std::function<void()>&) {
      work();
      return true;
    };
    identify.look_again(credentials, std::chrono::steady_clock::now(), at_once,
                        [&](const Result<Identity>& identity) { found = identity; });
    return found;
  }

  Shared shared;
  DeviceDirectory directory{std::make_unique<SharedRegistry>(shared)};
  const AdminToken admin{"any text"};
  const Identify identify{directory, &admin};
};

TEST_F(IdentifyTest, TellsWhoHoldsAToken) {
  put("rex", 1, rex_token, {hash_of_token(old_token)});
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(Caller(CallingDevice{rex}), known(ShownToken{rex_token}));
  EXPECT_EQ(Caller(Administrator{}), known(ShownToken{"any text"}));
  EXPECT_EQ(Caller(Nobody{}), known(ShownToken{new_token}));
  const Identity replaced = identify.from_memory(ShownToken{old_token});
  EXPECT_EQ(Caller(Nobody{}), replaced.caller);
  EXPECT_EQ(rex, replaced.replaced);
  EXPECT_TRUE(replaced.is_known());
}

TEST_F(IdentifyTest, KnowsNoAdministratorWhereOnlyDevicesCome) {
  EXPECT_EQ(Caller(Nobody{}), Identify(directory).from_memory(ShownToken{"any text"}).caller);
}

TEST_F(IdentifyTest, NeedsNoLookUpOfWhatIsNoToken) {
  for (const std::string& text : {std::string(), std::string("rex"), rex_token + "r", std::string(1000, 'p')}) {
    EXPECT_FALSE(identify.from_memory(ShownToken{text}).may_be_new) << text;
  }
  EXPECT_TRUE(identify.from_memory(ShownToken{new_token}).may_be_new);
}

TEST_F(IdentifyTest, FindsATokenThatAnotherProcessHasJustMade) {
  put("rex", 1, rex_token);
  EXPECT_EQ(Caller(Nobody{}), known(ShownToken{rex_token}));
  EXPECT_EQ(Caller(CallingDevice{rex}), looked_up(ShownToken{rex_token})->caller);
  EXPECT_EQ(1, shared.asked);
  EXPECT_EQ(Caller(CallingDevice{rex}), looked_up(ShownToken{rex_token})->caller);
  EXPECT_EQ(1, shared.asked) << "memory knows it by now";
  EXPECT_FALSE(looked_up(ShownToken{new_token})->is_known());
}

TEST_F(IdentifyTest, KnowsATrackerByItsIdUntilItIsRemoved) {
  put("rex", 1, rex_token);
  EXPECT_EQ(Caller(CallingDevice{rex}), looked_up(TrackerId{"rex"})->caller);
  EXPECT_EQ(Caller(Nobody{}), looked_up(TrackerId{"bella"})->caller);
  shared.records[0].device.removed_at = server_time(2);
  shared.records[0].token.reset();
  ++shared.revision;
  EXPECT_EQ(Caller(CallingDevice{rex}), known(TrackerId{"rex"})) << "until it learns of it";
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(Caller(Nobody{}), known(TrackerId{"rex"}));
}

TEST_F(IdentifyTest, SaysWhyNobodyCanLookNow) {
  shared.broken = true;
  EXPECT_EQ(Errc::unavailable, looked_up(ShownToken{rex_token}).error().code);
  std::vector<Errc> errors;
  const auto note = [&](const Result<Identity>& identity) { errors.push_back(identity.error().code); };
  const auto full = [](const auto&, const auto&) { return false; };
  const auto failing = [](const auto&, const std::function<void()>& failed) {
    failed();
    return true;
  };
  identify.look_again(ShownToken{rex_token}, std::chrono::steady_clock::now(), full, note);
  identify.look_again(ShownToken{rex_token}, std::chrono::steady_clock::now(), failing, note);
  EXPECT_EQ((std::vector{Errc::overloaded, Errc::unavailable}), errors);
}

TEST(AdminToken, HasTheSameKeysEverywhereAndOthersOnceItIsReplaced) {
  AdminToken token(new_token);
  const SealKey key = token.key_for("cursors");
  EXPECT_EQ(key, AdminToken(new_token).key_for("cursors"));
  EXPECT_NE(key, token.key_for("links"));
  EXPECT_TRUE(token.replace(old_token));
  EXPECT_NE(key, token.key_for("cursors"));
  EXPECT_TRUE(token.replace(new_token));
  EXPECT_EQ(key, token.key_for("cursors"));
}

}  // namespace
}  // namespace packwalk
