// What every DeviceHealth must do.
#include "ports/device_health.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr ServerTime now = server_time(1'770'000'000'000'000);

class DeviceHealthContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  DeviceNumber add(const std::string& id) {
    const NewDevice device{DeviceId::from_text(id).value(), hash_of_token(id)};
    EXPECT_TRUE(registry->add(std::span(&device, 1), now));
    return eraser->find(device.id).value();
  }
  std::map<std::string, DeviceReport> reports() {
    std::map<std::string, DeviceReport> found;
    EXPECT_TRUE(health->each([&](const DeviceReport& each) { found.emplace(each.device.id.text(), each); }));
    return found;
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<DeviceRegistry> registry = installation->device_registry();
  std::unique_ptr<DeviceEraser> eraser = installation->device_eraser();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<DeviceHealth> health = installation->device_health();
};

TEST_P(DeviceHealthContract, TellsOfADeviceThatWasNeverHeard) {
  EXPECT_TRUE(reports().empty());
  const DeviceNumber rex = add("rex");
  const DeviceReport report = reports().at("rex");
  EXPECT_EQ(rex, report.device.number);
  EXPECT_EQ(now, report.device.created_at);
  EXPECT_EQ(std::nullopt, report.last_seen);
  EXPECT_EQ(0, report.fixes + report.samples + report.duplicates + report.conflicts + report.invalid);
  EXPECT_EQ(std::nullopt, report.last_refusal);
}

TEST_P(DeviceHealthContract, TellsWhatEachDeviceSent) {
  const DeviceNumber rex = add("rex");
  add("bob");
  commit(*ingest, [&](IngestTransaction& transaction) {
    CurrentState state{.device = rex, .last_seen = now, .counts = {5, 4, 3, 2, 1}};
    EXPECT_TRUE(transaction.put(std::span<const CurrentState>(&state, 1)));
  });
  const DeviceReport report = reports().at("rex");
  EXPECT_EQ(now, report.last_seen);
  EXPECT_EQ(
      std::vector<std::int64_t>({5, 4, 3, 2, 1}),
      std::vector<std::int64_t>({report.fixes, report.samples, report.duplicates, report.conflicts, report.invalid}));
  EXPECT_EQ(std::nullopt, reports().at("bob").last_seen);
}

TEST_P(DeviceHealthContract, RemembersTheLastRefusalOfEach) {
  const DeviceNumber rex = add("rex");
  const DeviceNumber bob = add("bob");
  const std::vector<DeviceRefusal> refusals = {{rex, now, "owntracks", "invalid: encrypted"},
                                               {bob, now, "packets", "day_limit"}};
  ASSERT_TRUE(health->note(refusals));
  EXPECT_EQ(refusals[0], reports().at("rex").last_refusal);
  EXPECT_EQ(refusals[1], reports().at("bob").last_refusal);
  const DeviceRefusal later{rex, now + std::chrono::seconds(1), "osmand", "unreadable_limit"};
  ASSERT_TRUE(health->note(std::span(&later, 1)));
  ASSERT_TRUE(health->note(std::span(refusals).first(1))) << "it comes late";
  EXPECT_EQ(later, reports().at("rex").last_refusal);
  ASSERT_TRUE(health->note({}));
}

TEST_P(DeviceHealthContract, KeepsRemovedDevicesAndNothingOfErasedOnes) {
  const DeviceNumber rex = add("rex");
  const DeviceNumber bob = add("bob");
  const DeviceRefusal of_rex{rex, now, "osmand", "day_limit"};
  ASSERT_TRUE(health->note(std::span(&of_rex, 1)));
  ASSERT_TRUE(registry->remove(DeviceId::from_text("rex").value(), now));
  EXPECT_EQ(now, reports().at("rex").device.removed_at);
  EXPECT_EQ(of_rex, reports().at("rex").last_refusal);
  ASSERT_TRUE(eraser->begin(rex, now));
  EXPECT_FALSE(reports().contains("rex"));
  while (eraser->erase_some(rex, 1000).value() > 0) {
  }
  ASSERT_TRUE(health->note(std::span(&of_rex, 1))) << "nobody is to blame that it comes late";
  const auto left = eraser->count(rex).value();
  for (const RowCount& each : left) EXPECT_EQ(0, each.rows) << each.part;
  const DeviceRefusal of_nobody{DeviceNumber{bob.value + 100}, now, "osmand", "day_limit"};
  ASSERT_TRUE(health->note(std::span(&of_nobody, 1)));
  EXPECT_EQ(1U, reports().size());
}

INSTANTIATE_TEST_SUITE_P(Adapters, DeviceHealthContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
