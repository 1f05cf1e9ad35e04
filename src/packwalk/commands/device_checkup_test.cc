#include "packwalk/commands/device_checkup.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

constexpr ServerTime now = server_time(1'769'853'600'000'000);  // 2026-01-31T10:00:00Z

class Reports final : public DeviceHealth {
 public:
  Result<void> note(std::span<const DeviceRefusal>) override { return {}; }
  Result<void> each(const std::function<void(const DeviceReport&)>& take) override {
    for (const DeviceReport& report : reports) take(report);
    return {};
  }

  DeviceReport& add(const std::string& id) {
    reports.push_back({.device = {.number = DeviceNumber{1},
                                  .id = DeviceId::from_text(id).value(),
                                  .created_at = now - std::chrono::days(9),
                                  .removed_at = std::nullopt}});
    return reports.back();
  }
  void refuse(DeviceReport& report, ServerTime at, const char* reason) {
    report.last_refusal = DeviceRefusal{report.device.number, at, "owntracks", reason};
  }
  std::vector<Finding> examine() { return examine_devices(*this, now); }

  std::vector<DeviceReport> reports;
};

TEST(DeviceCheckup, SaysWhenADeviceWasLastSeen) {
  Reports health;
  DeviceReport& rex = health.add("rex");
  rex.last_seen = now - std::chrono::minutes(3);
  rex.fixes = 12;
  const auto found = health.examine();
  ASSERT_EQ(1U, found.size());
  EXPECT_EQ(Severity::fine, found[0].severity);
  EXPECT_EQ("rex: last seen 2026-01-31T09:57:00Z (3 minutes ago); 12 fixes", found[0].says);
}

TEST(DeviceCheckup, DoubtsADeviceThatIsSilentOrWasNeverHeard) {
  Reports health;
  health.add("rex").last_seen = now - std::chrono::hours(49);
  health.add("bob");
  const auto found = health.examine();
  ASSERT_EQ(2U, found.size());
  EXPECT_EQ(Severity::doubtful, found[0].severity);
  EXPECT_EQ("rex: last seen 2026-01-29T09:00:00Z (2 days ago); 0 fixes", found[0].says);
  EXPECT_EQ(Severity::doubtful, found[1].severity);
  EXPECT_EQ("bob: never seen; it was added 9 days ago", found[1].says);
}

TEST(DeviceCheckup, DoubtsADeviceOfWhichEverythingIsRefused) {
  Reports health;
  DeviceReport& rex = health.add("rex");
  rex.invalid = 12;
  health.refuse(rex, now - std::chrono::seconds(1), "invalid: encrypted");
  const auto found = health.examine();
  ASSERT_EQ(1U, found.size());
  EXPECT_EQ(Severity::doubtful, found[0].severity);
  EXPECT_EQ(
      "rex: never seen; refused at the door owntracks just now (invalid: encrypted); 0 fixes, 12 invalid messages",
      found[0].says);
  EXPECT_NE(std::string::npos, found[0].remedy.find("encryption"));
}

TEST(DeviceCheckup, DoubtsADeviceThatSendsButNothingValid) {
  Reports health;
  DeviceReport& rex = health.add("rex");
  rex.last_seen = now - std::chrono::seconds(1);
  rex.invalid = 10;
  health.refuse(rex, now - std::chrono::seconds(3), "invalid: encrypted");
  const auto found = health.examine();
  ASSERT_EQ(1U, found.size());
  EXPECT_EQ(Severity::doubtful, found[0].severity);
  EXPECT_NE(std::string::npos, found[0].says.find("0 fixes, 10 invalid messages; last refused at the door owntracks"))
      << found[0].says;
  EXPECT_NE(std::string::npos, found[0].remedy.find("encryption"));
}

TEST(DeviceCheckup, SaysWhatToDoByTheReasonWhateverItsDetail) {
  Reports health;
  DeviceReport& rex = health.add("rex");
  health.refuse(rex, now - std::chrono::seconds(1), "unreadable: it is in no form that phones send");
  EXPECT_NE(std::string::npos, health.examine().at(0).remedy.find("docs/formats.md for the address of each"));
}

TEST(DeviceCheckup, DoubtsNoDeviceOfWhichOnlySomeIsRefused) {
  Reports health;
  DeviceReport& rex = health.add("rex");
  rex.last_seen = now - std::chrono::minutes(3);
  health.refuse(rex, *rex.last_seen + std::chrono::seconds(1), "invalid: lat is not between -90 and 90");
  EXPECT_EQ(Severity::fine, health.examine().at(0).severity);
}

TEST(DeviceCheckup, DoubtsADeviceOfWhichAllIsRefusedSinceItsLastFix) {
  Reports health;
  DeviceReport& rex = health.add("rex");
  rex.last_seen = now - std::chrono::minutes(3);
  health.refuse(rex, *rex.last_seen + std::chrono::seconds(20), "invalid: lat is not between -90 and 90");
  EXPECT_EQ(Severity::doubtful, health.examine().at(0).severity);
}

TEST(DeviceCheckup, SaysWhyADeviceThatIsFineWasLastRefused) {
  Reports health;
  DeviceReport& rex = health.add("rex");
  rex.last_seen = now - std::chrono::minutes(3);
  rex.fixes = 9;
  rex.invalid = 4;
  for (const auto after : {std::chrono::seconds(1), std::chrono::seconds(-7200)}) {
    health.refuse(rex, *rex.last_seen + after, "invalid: lat is not between -90 and 90");
    const auto found = health.examine();
    EXPECT_EQ(Severity::fine, found.at(0).severity);
    EXPECT_EQ(std::string("rex: last seen 2026-01-31T09:57:00Z (3 minutes ago); 9 fixes, 4 invalid messages; last ") +
                  "refused at the door owntracks " + (after.count() > 0 ? "2 minutes" : "2 hours") +
                  " ago (invalid: lat is not between -90 and 90)",
              found.at(0).says);
  }
}

TEST(DeviceCheckup, OfManyDevicesThatAreFineCountsThoseThatWereRefusedInPart) {
  Reports health;
  for (int i = 0; i < 100; ++i) {
    DeviceReport& report = health.add("fine-" + std::to_string(i));
    report.last_seen = now;
    if (i < 3) health.refuse(report, now - std::chrono::hours(i), "invalid: encrypted");
  }
  EXPECT_EQ(
      "100 devices were seen in the last 24 hours; some packets of 1 device were refused with the last request: "
      "`packwalk "
      "device list` says why",
      health.examine().at(0).says);
}

TEST(DeviceCheckup, SaysNothingOfRemovedOnes) {
  Reports health;
  health.add("rex").device.removed_at = now;
  EXPECT_TRUE(health.examine().empty());
}

TEST(DeviceCheckup, OfManyDevicesNamesTheFirstThatAreInTrouble) {
  Reports health;
  for (int i = 0; i < 100; ++i) health.add("silent-" + std::to_string(i));
  for (int i = 0; i < 100; ++i) health.add("fine-" + std::to_string(i)).last_seen = now;
  const auto found = health.examine();
  ASSERT_EQ(22U, found.size());
  EXPECT_EQ("80 more devices are refused or silent", found[20].says);
  EXPECT_EQ("100 devices were seen in the last 24 hours", found[21].says);
}

}  // namespace
}  // namespace packwalk
