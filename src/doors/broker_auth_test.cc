#include "doors/broker_auth.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>

namespace packwalk {
namespace {

/// A token that ends so.
std::string token(std::string_view end) { return "pw_" + std::string(32 - end.size(), '0') + std::string(end); }

/// One device, rex, whose record a test changes.
class OneDevice final : public DeviceRegistry {
 public:
  OneDevice(const DeviceRecord& record, const std::int64_t& revision, const bool& broken)
      : record_(record), revision_(revision), broken_(broken) {}

  Result<void> add(std::span<const NewDevice>, ServerTime) override { return fail(Errc::conflict, "read only"); }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return add({}, {}); }
  Result<void> remove(const DeviceId&, ServerTime) override { return add({}, {}); }
  Result<std::optional<DeviceRecord>> find(const DeviceKey&) override { return fail(Errc::unavailable, "not asked"); }
  Result<std::int64_t> changes_since(std::int64_t revision, const TakeDevice& take, const ForgetDevice&) override {
    if (broken_) return fail(Errc::unavailable, "the disk is gone");
    if (revision < revision_) take(record_);
    return revision_;
  }

 private:
  const DeviceRecord& record_;
  const std::int64_t& revision_;
  const bool& broken_;
};

/// Calls the route of a request.
Handler handler_of(std::vector<Route> routes) {
  const auto router = std::make_shared<const Router>(std::move(routes));
  return [router](Request request, const Reply& reply) {
    Router::Found found = router->find(request);
    if (!found.route) return reply(*std::move(found.refusal));
    found.route->handler(std::move(request), reply);
  };
}

class BrokerAuth : public testing::Test {
 protected:
  /// "allow", "deny", or the status of what is neither.
  std::string ask(std::string_view path, std::string body) {
    const auto answered = std::make_shared<std::promise<Response>>();
    Request request{.method = Method::post, .path = std::string(path), .body = std::move(body)};
    request.received_at = std::chrono::steady_clock::now();
    router(std::move(request), [answered](Response response) { answered->set_value(std::move(response)); });
    const Response response = answered->get_future().get();
    EXPECT_TRUE(response.headers.empty()) << "the broker obeys Retry-After, and its collar would wait";
    return response.status == 200 ? text_of(response) : std::to_string(response.status);
  }
  std::string user(const std::string& name, const std::string& password, const std::string& client_id) {
    return ask("/auth/user", "username=" + name + "&password=" + password + "&vhost=%2F&client_id=" + client_id);
  }
  std::string topic(const std::string& name, const std::string& permission, const std::string& key) {
    return ask("/auth/topic", "username=" + name + "&vhost=%2F&resource=topic&name=mqtt&permission=" + permission +
                                  "&tags=&routing_key=" + key + "&variable_map.username=" + name);
  }
  void change() { ++revision; }

  DeviceRecord rex{{DeviceNumber{1}, DeviceId::from_text("rex").value(), server_time(1), std::nullopt},
                   hash_of_token(token("secret1")),
                   {hash_of_token(token("old"))}};
  std::int64_t revision = 1;
  bool broken = false;
  std::map<std::pair<std::string, std::string>, int> counted;
  std::vector<std::pair<std::string, std::optional<DeviceNumber>>> refused;
  DeviceDirectory directory{std::make_unique<OneDevice>(rex, revision, broken)};
  BlockingPool pool{1, 8};
  Handler router = handler_of(
      broker_auth_routes({directory,
                          pool,
                          {"/", "mqtt"},
                          "",
                          [this](std::string_view question, std::string_view answer) {
                            ++counted[{std::string(question), std::string(answer)}];
                          },
                          [this](const Refusal& refusal) { refused.emplace_back(refusal.reason, refusal.device); }}));
};

TEST_F(BrokerAuth, DeniesWhatIsNoTokenWithoutAskingTheRegistry) {
  broken = true;
  EXPECT_EQ("503", user("rex", token("secret1"), "rex"));
  EXPECT_EQ("deny", user("rex", token("secret1") + "a", "rex"));
  EXPECT_EQ("deny", user("rex", "secret", "rex"));
  EXPECT_EQ("deny", user("rex", std::string(10'000, 'a'), "rex"));
}

TEST_F(BrokerAuth, KnowsADeviceByItsTokenAndClientId) {
  EXPECT_EQ("allow", user("rex", token("secret1"), "rex")) << "it asks the registry about a token that it has not met";
  EXPECT_EQ("allow", user("rex", token("secret1"), "rex%2F2"));
  EXPECT_EQ("deny", user("rex", token("secret"), "rex"));
  EXPECT_EQ("deny", user("rex", token("old"), "rex")) << "it was replaced";
  EXPECT_EQ("deny", user("rex", "", "rex"));
  EXPECT_EQ("deny", user("ted", token("secret1"), "ted")) << "a token of another device";
  EXPECT_EQ("deny", user("rex", token("secret1"), "rex2"));
  EXPECT_EQ("deny", user("rex", token("secret1"), ""));
  const std::string shown = "username=rex&password=" + token("secret1");
  EXPECT_EQ("deny", ask("/auth/user", shown)) << "not over AMQP";
  EXPECT_EQ("deny", ask("/auth/user", shown + "&vhost=other&client_id=rex"));
  EXPECT_EQ("allow",
            ask("/auth/user", "username=rex&password=%70" + token("secret1").substr(1) + "&vhost=%2F&client_id=rex"))
      << "escapes stand for characters";
  EXPECT_EQ("deny", ask("/auth/user", ""));
  EXPECT_EQ(3, (counted[{"user", "allow"}]));
  EXPECT_EQ(9, (counted[{"user", "deny"}]));
}

TEST_F(BrokerAuth, WithASecretAnswersOnlyWhoHasIt) {
  const auto count = [this](std::string_view question, std::string_view answer) {
    ++counted[{std::string(question), std::string(answer)}];
  };
  router = handler_of(broker_auth_routes({directory, pool, {"/", "mqtt"}, "0123456789abcdef", count}));
  const std::string question = "username=rex&vhost=%2F";
  EXPECT_EQ("allow", ask("/auth/0123456789abcdef/vhost", question));
  for (const char* path : {"/auth/vhost", "/auth//vhost", "/auth/0123456789abcde/vhost",
                           "/auth/0123456789abcdefg/vhost", "/auth/0123456789abcdeF/vhost"}) {
    EXPECT_EQ("404", ask(path, question)) << path;
  }
  EXPECT_EQ(1, (counted[{"vhost", "allow"}]));
  EXPECT_EQ(3, (counted[{"vhost", "refused"}]));
}

TEST_F(BrokerAuth, NamesADeviceOnlyWhereItIsTheOneThatWasRefused) {
  EXPECT_EQ("allow", user("rex", token("secret1"), "rex"));
  EXPECT_EQ("deny", user("rex", std::string(36, 'a'), "rex"));
  EXPECT_EQ("deny", user("ted", token("old"), "ted")) << "whatever it calls itself";
  EXPECT_EQ("deny", topic("rex", "write", "v1.bob.track"));
  const std::vector<std::pair<std::string, std::optional<DeviceNumber>>> expected = {
      {"unknown_token", std::nullopt}, {"replaced_token", DeviceNumber{1}}, {"no_permission", DeviceNumber{1}}};
  EXPECT_EQ(expected, refused);
}

TEST_F(BrokerAuth, LetsADeviceDoWhatItMay) {
  EXPECT_EQ("allow", ask("/auth/vhost", "username=rex&vhost=%2F&ip=127.0.0.1&tags="));
  EXPECT_EQ("deny", ask("/auth/vhost", "username=rex&vhost=other&ip=127.0.0.1&tags="));
  EXPECT_EQ("allow",
            ask("/auth/resource", "username=rex&vhost=%2F&resource=exchange&name=mqtt&permission=write&tags="));
  EXPECT_EQ("deny", ask("/auth/resource", "username=rex&vhost=%2F&resource=queue&name=q&permission=read&tags="));
  EXPECT_EQ("allow", topic("rex", "write", "v1.rex.packets"));
  EXPECT_EQ("deny", topic("rex", "write", "v1.ted.packets"));
  EXPECT_EQ("deny", topic("rex", "read", "%23"));
  EXPECT_EQ("deny", topic("ted", "write", "v1.ted.packets")) << "nobody has this id";
  EXPECT_EQ("deny", ask("/auth/vhost", "username=ted&vhost=%2F&ip=127.0.0.1&tags="));
}

TEST_F(BrokerAuth, NoticesAtOnceThatATokenWasMadeAndThatADeviceIsGone) {
  EXPECT_EQ("deny", user("rex", token("new"), "rex"));
  rex.token = hash_of_token(token("new"));
  change();
  EXPECT_EQ("allow", user("rex", token("new"), "rex"));
  rex.token.reset();
  rex.device.removed_at = server_time(2);
  change();
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ("deny", user("rex", token("new"), "rex"));
  EXPECT_EQ("deny", topic("rex", "write", "v1.rex.packets"));
}

TEST_F(BrokerAuth, NeverDeniesWhatItCannotLookUp) {
  broken = true;
  EXPECT_EQ("503", user("rex", token("secret1"), "rex"));
  EXPECT_EQ("503", topic("rex", "write", "v1.rex.packets"));
  EXPECT_EQ(1, (counted[{"user", "error"}]));
  broken = false;
  EXPECT_EQ("allow", user("rex", token("secret1"), "rex"));
  broken = true;
  EXPECT_EQ("allow", user("rex", token("secret1"), "rex")) << "it is in memory";
  EXPECT_EQ("allow", topic("rex", "write", "v1.rex.packets"));
  EXPECT_EQ("deny", topic("rex", "write", "v1.ted.packets")) << "that depends on nothing";
}

TEST_F(BrokerAuth, IsAskedByPostAlone) {
  Request request{.method = Method::get, .path = "/auth/user", .query = "username=rex&password=secret%2B1"};
  int status = 0;
  router(std::move(request), [&](const Response& response) { status = response.status; });
  EXPECT_EQ(405, status);
}

}  // namespace
}  // namespace packwalk
