// Exports the data of a device, page by page.
#pragma once

#include <unistd.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/walk/analysis_rules.h"
#include "packwalk/commands/progress_bar.h"
#include "packwalk/commands/sheet.h"
#include "ports/device_registry.h"
#include "ports/message_reader.h"
#include "ports/query_store.h"

namespace packwalk {

/// What an export reads.
struct ExportSources {
  QueryStore& store;
  MessageReader& messages;
  DeviceRegistry& registry;
};

/// Each function writes one file, in order. The file may or may not contain rows that arrive meanwhile (see
/// docs/production.md). Errc::unavailable: the file is not complete.
class DeviceExport {
 public:
  /// `rules` define tracks and outliers.
  DeviceExport(const ExportSources& sources, RegisteredDevice device, TimeRange range, const AnalysisRules& rules)
      : store_(sources.store),
        messages_(sources.messages),
        registry_(sources.registry),
        device_(std::move(device)),
        range_(range),
        rules_(rules) {}

  /// An upper bound of the number of rows, for the progress bar.
  Result<void> expect(bool originals, bool fixes, bool samples);
  /// Errc::not_found if its erasure has begun since: its rows disappear, so the written files are not complete.
  Result<void> still_there();
  void end_bar() const { bar_.end(); }
  std::size_t rows_of_file() { return std::exchange(rows_, 0); }

  Result<void> originals_csv(Sheet& sheet);
  Result<void> fixes_csv(Sheet& sheet);
  Result<void> samples_csv(Sheet& sheet);
  Result<void> tracks_csv(Sheet& sheet);
  Result<void> activity_csv(Sheet& sheet);
  Result<void> joint_walks_csv(Sheet& sheet);

  Result<void> fixes_geojson(Sheet& sheet);
  Result<void> tracks_geojson(Sheet& sheet);
  Result<void> joint_walks_geojson(Sheet& sheet);

  Result<void> fixes_gpx(Sheet& sheet);
  Result<void> tracks_gpx(Sheet& sheet);

 private:
  const std::string& id() const { return device_.id.text(); }
  void count(Sheet& sheet);
  template <class Row>
  void put_csv(Sheet& sheet, const Row& row);

  template <class Take>
  Result<void> each_original(const Take& take);
  template <class Take>
  Result<void> each_fix(TimeRange range, const Take& take);
  /// The fixes of its line: without outliers.
  template <class Take>
  Result<void> each_fix_of(const Track& track, const Take& take);
  template <class Take>
  Result<void> each_track(const Take& take);
  template <class Take>
  Result<void> each_walk(const Take& take);
  Result<void> learn_partners(const std::vector<OfPair<JointWalk>>& walks);

  QueryStore& store_;
  MessageReader& messages_;
  DeviceRegistry& registry_;
  const RegisteredDevice device_;
  const TimeRange range_;
  const AnalysisRules rules_;
  const bool is_on_terminal_ = isatty(STDERR_FILENO) == 1;
  std::map<DeviceNumber, std::string> partners_;
  std::int64_t expected_ = 0;
  std::size_t done_ = 0;
  std::size_t rows_ = 0;  // of this file
  ProgressBar bar_{"rows"};
};

}  // namespace packwalk
