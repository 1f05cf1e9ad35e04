#include "packwalk/commands/analysis_tables.h"

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "core/track/track_cut.h"
#include "core/walk/presence.h"
#include "packwalk/commands/csv_field.h"
#include "packwalk/commands/export_rows.h"
#include "packwalk/commands/progress_bar.h"
#include "packwalk/commands/sheet.h"

namespace packwalk {
namespace {

/// `first,second,..` and the end of the line.
template <class... Cells>
void append_row(std::string& text, const std::string& first, const Cells&... cells) {
  text.append(first);
  const auto append = [&](const auto& cell) {
    text.push_back(',');
    if constexpr (std::is_convertible_v<decltype(cell), std::string_view>) {
      text.append(cell);
    } else {
      append_number(text, static_cast<std::int64_t>(cell));
    }
  };
  (append(cells), ...);
  text.push_back('\n');
}

template <class Append>
std::string text_by(const Append& append, double value) {
  std::string text;
  append(text, value);
  return text;
}
std::string degrees_text(double degrees) {
  return text_by([](std::string& text, double value) { append_degrees(text, value); }, degrees);
}
std::string told_text(MaybeMeters meters) {
  return meters.known() ? text_by(append_told_meters, meters.value_or(0)) : std::string();
}

/// Nothing for a table that was not requested.
std::unique_ptr<Sheet> sheet_for(const std::string& path, const char* header) {
  return path.empty() ? nullptr : std::make_unique<Sheet>(path, header);
}

}  // namespace

Result<void> AnalysisTables::write(const TablePaths& paths) {
  if (auto written = write_outliers(paths.outliers); !written) return written;
  if (auto written = write_tracks(paths.tracks); !written) return written;
  return write_walks(paths);
}

/// From here on, `devices` holds no outliers.
Result<void> AnalysisTables::write_outliers(const std::string& path) {
  const auto sheet = sheet_for(path, "device,timestamp,lat,lon,accuracy_m\n");
  const auto has_fixes = [](const RecordedDevice& device) { return !device.fixes.empty(); };
  counts_.devices = static_cast<std::size_t>(std::count_if(devices_.begin(), devices_.end(), has_fixes));
  for (RecordedDevice& device : devices_) {
    counts_.fixes += device.fixes.size();
    const auto outliers = take_out(device.fixes, outliers_of(device.fixes, rules_.outliers()));
    if (counts_.outliers == 0 && !outliers.empty()) {
      counts_.first_outlier = device.name + " at " + iso_text(outliers.front().timestamp);
    }
    counts_.outliers += outliers.size();
    for (std::size_t i = 0; sheet && i < outliers.size(); ++i) {
      const PathFix& fix = outliers[i];
      append_row(sheet->text, csv_field(device.name), iso_text(fix.timestamp), degrees_text(fix.position.latitude()),
                 degrees_text(fix.position.longitude()), told_text(fix.accuracy));
      sheet->flush_if_large();
    }
  }
  return sheet ? sheet->close() : Result<void>();
}

/// From here on, only the paths remain.
Result<void> AnalysisTables::write_tracks(const std::string& path) {
  const auto sheet = sheet_for(path, CsvHeaders::tracks);
  for (RecordedDevice& device : devices_) {
    const auto tracks = tracks_of(device.fixes, device.sleeps, rules_.tracks);
    counts_.tracks += tracks.size();
    const std::string name = csv_field(device.name);
    for (std::size_t i = 0; sheet && i < tracks.size(); ++i) {
      append_csv(sheet->text, name, tracks[i]);
      sheet->flush_if_large();
    }
    paths_.push_back(path_of(device.fixes, device.sleeps, rules_.tracks, rules_.walks));
    device.fixes = {};
    device.sleeps = {};
  }
  return sheet ? sheet->close() : Result<void>();
}

Result<void> AnalysisTables::write_walks(const TablePaths& paths) {
  const auto contacts = sheet_for(paths.contacts, "device_a,device_b,from,to,near_seconds\n");
  const auto walks = sheet_for(paths.joint_walks, CsvHeaders::joint_walks);
  const std::vector<std::span<const PathPoint>> views(paths_.begin(), paths_.end());
  ProgressBar bar("fixes");
  const auto all =
      all_walks_of(views, rules_.tracks, rules_.walks, [&](std::size_t done) { bar.show(done, counts_.fixes); });
  bar.end();
  for (const PairTogether& together : all) {
    const std::string a = csv_field(devices_[together.pair.a].name);
    const std::string b = csv_field(devices_[together.pair.b].name);
    counts_.contacts += together.contacts.size();
    counts_.joint_walks += together.walks.size();
    for (const Contact& each : together.contacts) {
      if (!contacts) break;
      append_row(contacts->text, a, b, iso_text(device_time(each.from)), iso_text(device_time(each.to)),
                 each.near_seconds);
    }
    for (const JointWalk& each : together.walks) {
      if (walks) append_csv(walks->text, NamedWalk{a, b, each});
    }
    if (contacts) contacts->flush_if_large();
    if (walks) walks->flush_if_large();
  }
  for (const auto& sheet : {contacts.get(), walks.get()}) {
    if (!sheet) continue;
    if (auto closed = sheet->close(); !closed) return closed;
  }
  return write_pairs(paths.pairs, all);
}

/// All pairs with at least one common recorded second, also those that never met.
Result<void> AnalysisTables::write_pairs(const std::string& path, const std::vector<PairTogether>& all) const {
  const auto sheet = sheet_for(
      path, "device_a,device_b,contact_count,near_seconds,joint_walk_count,together_seconds,both_recorded_seconds\n");
  if (!sheet) return {};
  std::vector<std::vector<Seconds>> presence;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    presence.push_back(presence_of(paths_[i]));
    names.push_back(csv_field(devices_[i].name));
  }
  auto next = all.begin();
  for (std::size_t a = 0; a < paths_.size(); ++a) {
    for (std::size_t b = a + 1; b < paths_.size(); ++b) {
      const std::int64_t both = common_seconds(presence[a], presence[b]);
      if (both == 0) continue;
      std::size_t contacts = 0;
      std::size_t walks = 0;
      std::int64_t near_seconds = 0;
      std::int64_t seconds_together = 0;
      if (next != all.end() && next->pair.a == a && next->pair.b == b) {
        contacts = next->contacts.size();
        walks = next->walks.size();
        for (const Contact& each : next->contacts) near_seconds += each.near_seconds;
        for (const JointWalk& each : next->walks) seconds_together += each.seconds_together;
        ++next;
      }
      append_row(sheet->text, names[a], names[b], contacts, near_seconds, walks, seconds_together, both);
      sheet->flush_if_large();
    }
  }
  return sheet->close();
}

}  // namespace packwalk
