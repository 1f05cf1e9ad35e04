#include "packwalk/commands/device_export.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>

#include "app/questions/empty_query_store.h"
#include "base/temporary_folder.h"
#include "base/time_text.h"
#include "packwalk/commands/export_rows.h"

namespace packwalk {
namespace {

Fix fix_at(std::int64_t seconds) {
  return {.position = LatLon::from_degrees(1, 2).value(), .timestamp = device_time(seconds)};
}
Track track_at(std::int64_t from, std::int64_t to) { return {.from = device_time(from), .to = device_time(to)}; }

/// Tracks and fixes that may change whenever somebody looks.
class ChangingStore final : public EmptyQueryStore, public MessageReader {
 public:
  std::vector<Track> all_tracks;
  std::vector<Fix> all_fixes;
  std::function<void(std::size_t limit)> after_tracks = [](std::size_t) {};

  Result<std::vector<StoredMessage>> messages(DeviceNumber, std::optional<Verdict>, const MessageSpan&,
                                              Paging) override {
    return std::vector<StoredMessage>();
  }
  Result<std::vector<Fix>> fixes(DeviceNumber, TimeRange range, Paging page) override {
    std::vector<Fix> found;
    for (const Fix& fix : all_fixes) {
      if (fix.timestamp >= range.from && fix.timestamp < range.until && found.size() < page.limit) found.push_back(fix);
    }
    return found;
  }
  Result<std::vector<Track>> tracks(DeviceNumber, TimeRange range, Paging page) override {
    std::vector<Track> found;
    for (const Track& track : all_tracks) {
      if (track.to >= range.from && track.from < range.until && found.size() < page.limit) found.push_back(track);
    }
    after_tracks(page.limit);
    return found;
  }
};

class FewDevices final : public DeviceRegistry {
 public:
  std::vector<DeviceRecord> records;

  Result<void> add(std::span<const NewDevice>, ServerTime) override { return {}; }
  Result<void> replace_token(const DeviceId&, const TokenHash&, ServerTime) override { return {}; }
  Result<void> remove(const DeviceId&, ServerTime) override { return {}; }
  Result<std::optional<DeviceRecord>> find(const DeviceKey& key) override {
    for (const DeviceRecord& record : records) {
      if (key == DeviceKey(record.device.number) || key == DeviceKey(record.device.id)) return record;
    }
    return std::nullopt;
  }
  Result<std::int64_t> changes_since(std::int64_t, const TakeDevice& take, const ForgetDevice&) override {
    for (const DeviceRecord& record : records) take(record);
    return 0;
  }
};

RegisteredDevice rex(std::int64_t number) {
  return {.number = DeviceNumber{number}, .id = DeviceId::from_text("rex").value()};
}

using Write = Result<void> (DeviceExport::*)(Sheet&);

std::string exported(ChangingStore& store, Write write) {
  FewDevices registry;
  DeviceExport rows({store, store, registry}, rex(1), {device_time(0), device_time(1'000'000'000)}, AnalysisRules());
  const TemporaryFolder folder;
  const std::string path = folder.file("rows.csv");
  Sheet sheet(path, "");
  EXPECT_TRUE((rows.*write)(sheet));
  EXPECT_TRUE(sheet.close());
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DeviceExport, WritesNoSecondOfTracksTwiceThatAreMadeAnewBetweenPages) {
  const auto number = [](std::int64_t i) { return track_at(i * 10, i * 10 + 1); };
  ChangingStore store;
  for (std::int64_t i = 0; i < 200'000; ++i) store.all_tracks.push_back(number(i));
  std::int64_t page = 0;
  store.after_tracks = [&](std::size_t limit) {
    if (page > 0) return;
    page = static_cast<std::int64_t>(limit);
    ASSERT_GT(store.all_tracks.size(), limit);
    // The last one of the page and the next are one by now; another comes after them.
    store.all_tracks.resize(limit - 1);
    store.all_tracks.push_back(track_at((page - 1) * 10, page * 10 + 1));
    store.all_tracks.push_back(number(page + 1));
  };
  const std::string text = exported(store, &DeviceExport::tracks_csv);
  std::string want = CsvHeaders::tracks;
  for (std::int64_t i = 0; i < page; ++i) append_csv(want, "rex", number(i));
  append_csv(want, "rex", number(page + 1));
  EXPECT_EQ(want.size(), text.size());
  EXPECT_TRUE(want == text);  // too long to be printed
}

TEST(DeviceExport, WritesAFeatureOfATrackWhoseFixesGoMeanwhile) {
  ChangingStore store;
  store.all_tracks = {track_at(0, 1), track_at(1000, 1001), track_at(2000, 2001)};
  store.all_fixes = {fix_at(0), fix_at(1), fix_at(1000), fix_at(1001), fix_at(2000), fix_at(2001)};
  store.after_tracks = [&](std::size_t) {
    store.all_fixes.erase(store.all_fixes.begin(), store.all_fixes.begin() + 3);
  };
  const std::string text = exported(store, &DeviceExport::tracks_geojson);
  const auto feature = [](const std::string& geometry, const Track& track) {
    std::string words = R"({"type":"Feature","bbox":[0.0000000,0.0000000,0.0000000,0.0000000],"geometry":)" + geometry;
    words.append(R"(,"properties":{"device":"rex","from":")").append(iso_text(track.from));
    words.append(R"(","to":")").append(iso_text(track.to));
    return words.append(R"(","fix_count":0,"length_m":0.00,"moving_seconds":0}})");
  };
  EXPECT_EQ("{\"type\":\"FeatureCollection\",\"features\":[\n" + feature("null", store.all_tracks[0]) + ",\n" +
                feature(R"({"type":"Point","coordinates":[2.0000000,1.0000000]})", store.all_tracks[1]) + ",\n" +
                feature(R"({"type":"MultiLineString","coordinates":[[[2.0000000,1.0000000],[2.0000000,1.0000000]]]})",
                        store.all_tracks[2]) +
                "]}\n",
            text);
}

TEST(DeviceExport, SaysWhenItsDeviceWasErased) {
  ChangingStore store;
  FewDevices registry;
  DeviceExport rows({store, store, registry}, rex(1), {device_time(0), device_time(9)}, AnalysisRules());
  registry.records = {{.device = rex(2)}, {.device = rex(1)}};
  EXPECT_TRUE(rows.still_there());
  registry.records.pop_back();  // another device has its name since
  const auto gone = rows.still_there();
  ASSERT_FALSE(gone);
  EXPECT_EQ(Errc::not_found, gone.error().code);
}

}  // namespace
}  // namespace packwalk
