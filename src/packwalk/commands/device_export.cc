#include "packwalk/commands/device_export.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "app/questions/marked_fixes.h"
#include "base/json_writer.h"
#include "core/map/gpx.h"
#include "packwalk/commands/export_rows.h"

namespace packwalk {
namespace {

constexpr std::size_t page_rows = 5000;
// Rows per page of data that analysis may recompute between two pages. Nearly always, one page holds all.
constexpr std::size_t derived_page_rows = 100'000;
constexpr std::chrono::hours activity_page{24 * 180};  // at most about 170,000 sums

/// The features of a file, with commas between them.
class Features {
 public:
  explicit Features(std::string& text) : text_(text) {
    JsonWriter json;
    json.begin_object();
    json.member("type", "FeatureCollection");
    json.begin_member("features");
    json.begin_array();
    json.new_line();
    text_.append(json.take());
  }
  std::string& next() {
    if (!std::exchange(is_first_, false)) text_.append(",\n");
    return text_;
  }
  void end() { text_.append("]}\n"); }

 private:
  std::string& text_;
  bool is_first_ = true;
};

DeviceTime timestamp_of(const MarkedFix& marked) { return marked.fix.timestamp; }
DeviceTime timestamp_of(const Sample& sample) { return sample.timestamp; }

/// Reads by pages. Each page begins at the second after the last row of the page before.
template <class Row, class Read, class Take>
Result<void> each(TimeRange range, const Read& read, const Take& take) {
  while (!range.empty()) {
    const auto page = read(range);
    if (!page) return page.failure();
    for (const Row& row : *page) take(row);
    if (page->size() < page_rows) return {};
    range.from = timestamp_of(page->back()) + std::chrono::seconds(1);
  }
  return {};
}

}  // namespace

Result<void> DeviceExport::expect(bool originals, bool fixes, bool samples) {
  const auto state = store_.state(device_.number);
  if (!state) return state.failure();
  const MessageCounts& counts = state->counts;
  if (originals) expected_ += counts.accepted() + counts.duplicates + counts.conflicts + counts.invalid;
  if (fixes) expected_ += counts.fixes;
  if (samples) expected_ += counts.samples;
  return {};
}

Result<void> DeviceExport::still_there() {
  const auto found = registry_.find(device_.number);
  if (!found) return found.failure();
  if (!*found) return fail(Errc::not_found, id() + " is being erased, so an export would not be complete");
  return {};
}

Result<void> DeviceExport::originals_csv(Sheet& sheet) {
  sheet.text.append(CsvHeaders::originals);
  return each_original([&](const StoredMessage& message) { put_csv(sheet, message); });
}

Result<void> DeviceExport::fixes_csv(Sheet& sheet) {
  sheet.text.append(CsvHeaders::fixes);
  return each_fix(range_, [&](const MarkedFix& fix) { put_csv(sheet, fix); });
}

Result<void> DeviceExport::samples_csv(Sheet& sheet) {
  sheet.text.append(CsvHeaders::samples);
  return each<Sample>(
      range_, [&](TimeRange range) { return store_.samples(device_.number, range, page_rows); },
      [&](const Sample& sample) { put_csv(sheet, sample); });
}

Result<void> DeviceExport::tracks_csv(Sheet& sheet) {
  sheet.text.append(CsvHeaders::tracks);
  return each_track([&](const Track& track) -> Result<void> {
    put_csv(sheet, track);
    return {};
  });
}

Result<void> DeviceExport::activity_csv(Sheet& sheet) {
  sheet.text.append(CsvHeaders::activity);
  for (DeviceTime from = range_.from; from < range_.until; from += activity_page) {
    const auto sums = store_.activity(device_.number, {from, std::min(from + activity_page, range_.until)});
    if (!sums) return sums.failure();
    for (const ActivitySum& sum : *sums) put_csv(sheet, sum);
  }
  return {};
}

Result<void> DeviceExport::joint_walks_csv(Sheet& sheet) {
  sheet.text.append(CsvHeaders::joint_walks);
  return each_walk([&](const NamedWalk& named) {
    append_csv(sheet.text, named);
    count(sheet);
  });
}

Result<void> DeviceExport::fixes_geojson(Sheet& sheet) {
  Features features(sheet.text);
  auto done = each_fix(range_, [&](const MarkedFix& fix) {
    append_feature(features.next(), id(), fix);
    count(sheet);
  });
  features.end();
  return done;
}

Result<void> DeviceExport::tracks_geojson(Sheet& sheet) {
  Features features(sheet.text);
  auto done = each_track([&](const Track& track) {
    TrackFeature feature(features.next(), id(), track);
    auto read = each_fix_of(track, [&](const Fix& fix) {
      feature.add(fix);
      count(sheet);
    });
    feature.end();
    sheet.flush_if_large();
    return read;
  });
  features.end();
  return done;
}

Result<void> DeviceExport::joint_walks_geojson(Sheet& sheet) {
  Features features(sheet.text);
  auto done = each_walk([&](const NamedWalk& named) {
    append_feature(features.next(), named);
    count(sheet);
  });
  features.end();
  return done;
}

Result<void> DeviceExport::fixes_gpx(Sheet& sheet) {
  sheet.text.append(gpx_beginning);
  GpxTrack line(sheet.text, id(), rules_.tracks.gap);
  auto done = each_fix(range_, [&](const MarkedFix& marked) {
    line.add(marked.fix, marked.is_outlier);
    count(sheet);
  });
  line.end();
  sheet.text.append(gpx_end);
  return done;
}

Result<void> DeviceExport::tracks_gpx(Sheet& sheet) {
  sheet.text.append(gpx_beginning);
  auto done = each_track([&](const Track& track) {
    GpxTrack line(sheet.text, id(), std::nullopt);
    auto read = each_fix_of(track, [&](const Fix& fix) {
      line.add(fix);
      count(sheet);
    });
    line.end();
    return read;
  });
  sheet.text.append(gpx_end);
  return done;
}

void DeviceExport::count(Sheet& sheet) {
  sheet.flush_if_large();
  ++rows_;
  ++done_;
  if (is_on_terminal_) bar_.show(done_, std::max(done_, static_cast<std::size_t>(expected_)));
}

template <class Row>
void DeviceExport::put_csv(Sheet& sheet, const Row& row) {
  append_csv(sheet.text, id(), row);
  count(sheet);
}

template <class Take>
Result<void> DeviceExport::each_original(const Take& take) {
  const ServerTime from = std::chrono::time_point_cast<std::chrono::microseconds>(range_.from);
  const ServerTime until = std::chrono::time_point_cast<std::chrono::microseconds>(range_.until);
  MessageCursor after{from - std::chrono::microseconds(1), std::numeric_limits<std::int32_t>::max()};
  while (true) {
    const auto page = messages_.messages(device_.number, std::nullopt, after, page_rows);
    if (!page) return page.failure();
    if (page->empty()) return {};
    for (const StoredMessage& message : *page) {
      if (message.received_at >= until) return {};
      take(message);
    }
    after = {page->back().received_at, page->back().ordinal};
  }
}

template <class Take>
Result<void> DeviceExport::each_fix(TimeRange range, const Take& take) {
  const OutlierRules rules = rules_.outliers();
  return each<MarkedFix>(
      range, [&](TimeRange part) { return marked_fixes(store_, device_.number, part, page_rows, rules); }, take);
}

template <class Take>
Result<void> DeviceExport::each_fix_of(const Track& track, const Take& take) {
  return each_fix({track.from, track.to + std::chrono::seconds(1)}, [&](const MarkedFix& marked) {
    if (!marked.is_outlier) take(marked.fix);
  });
}

/// Whole tracks that overlap the range. A track that has grown back over a written one is left out.
template <class Take>
Result<void> DeviceExport::each_track(const Take& take) {
  TimeRange range = range_;
  std::optional<DeviceTime> taken_to;
  while (!range.empty()) {
    const auto page = store_.tracks(device_.number, range, derived_page_rows);
    if (!page) return page.failure();
    for (const Track& track : *page) {
      if (taken_to && track.from <= *taken_to) continue;
      if (auto done = take(track); !done) return done;
      taken_to = track.to;
    }
    if (page->size() < derived_page_rows) return {};
    range.from = page->back().to + std::chrono::seconds(1);
  }
  return {};
}

template <class Take>
Result<void> DeviceExport::each_walk(const Take& take) {
  WalkCursor after;
  while (true) {
    const auto page = store_.joint_walks(device_.number, range_, after, derived_page_rows);
    if (!page) return page.failure();
    if (auto learnt = learn_partners(*page); !learnt) return learnt;
    for (const OfPair<JointWalk>& walk : *page) {
      const bool is_first = walk.a == device_.number;
      const std::string& partner = partners_[is_first ? walk.b : walk.a];
      if (partner.empty()) continue;  // it was erased since the page was read
      take(is_first ? NamedWalk{id(), partner, walk.of} : NamedWalk{partner, id(), walk.of});
    }
    if (page->size() < derived_page_rows) return {};
    after = cursor_of(page->back());
  }
}

Result<void> DeviceExport::learn_partners(const std::vector<OfPair<JointWalk>>& walks) {
  for (const OfPair<JointWalk>& walk : walks) {
    const auto [partner, is_new] = partners_.try_emplace(walk.a == device_.number ? walk.b : walk.a);
    if (!is_new) continue;
    const auto found = registry_.find(partner->first);
    if (!found) return found.failure();
    if (*found) partner->second = (*found)->device.id.text();
  }
  return {};
}

}  // namespace packwalk
