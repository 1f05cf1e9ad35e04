#include "packwalk/export.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/iso_time.h"
#include "packwalk/config.h"
#include "packwalk/export_rows.h"
#include "packwalk/open_store.h"
#include "packwalk/progress_bar.h"
#include "packwalk/sheet.h"

namespace packwalk {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t page_rows = 5000;
constexpr std::chrono::hours activity_page{24 * 180};  // at most some 170,000 sums
constexpr DeviceTime before_all = device_time(std::numeric_limits<std::int32_t>::min());
constexpr DeviceTime after_all = device_time(std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1);

struct ExportOptions {
  std::string data = "data";
  std::optional<std::string> config;
  std::string device;
  std::vector<std::string> what{"all"};
  std::string format = "csv";
  std::string out;
  std::optional<std::string> from, to;
  bool force = false;
};

/// A file's way from its temporary name to its own, which it gets only when it is whole.
class NewFile {
 public:
  NewFile(fs::path path, const char* header)
      : path_(std::move(path)), part_(path_.string() + ".part"), sheet_(part_, header) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    std::error_code ignored;
    if (!is_whole_) fs::remove(part_, ignored);
  }

  Sheet& sheet() { return sheet_; }
  Result<void> finish() {
    if (auto closed = sheet_.close(); !closed) return closed;
    std::error_code error;
    fs::rename(part_, path_, error);
    if (error) return fail(Errc::unavailable, "cannot write " + path_.string() + ": " + error.message());
    is_whole_ = true;
    return {};
  }

 private:
  const fs::path path_;
  const fs::path part_;
  Sheet sheet_;
  bool is_whole_ = false;
};

/// What is exported, page by page, of one device.
class Export {
 public:
  Export(QueryStore& store, DeviceRegistry& registry, RegisteredDevice device, TimeRange range)
      : store_(store), registry_(registry), device_(std::move(device)), range_(range) {}

  /// For the bar: how many rows there may be of what was ever received.
  Result<void> expect(bool originals, bool fixes, bool samples) {
    const auto state = store_.state(device_.number);
    if (!state) return tl::unexpected(state.error());
    const MessageCounts& counts = state->counts;
    if (originals) expected_ += counts.accepted() + counts.duplicates + counts.conflicts + counts.invalid;
    if (fixes) expected_ += counts.fixes;
    if (samples) expected_ += counts.samples;
    return {};
  }
  void end_bar() const { bar_.end(); }
  std::size_t rows_of_file() { return std::exchange(rows_, 0); }

  Result<void> originals_csv(Sheet& sheet) {
    return each_original([&](const StoredMessage& each) { append_csv(sheet.text, id(), each); }, sheet);
  }
  Result<void> fixes_csv(Sheet& sheet) {
    return each_fix(range_, [&](const Fix& fix) { put_csv(sheet, fix); });
  }
  Result<void> samples_csv(Sheet& sheet) {
    return each<Sample>(
        range_, [&](TimeRange range) { return store_.samples(device_.number, range, page_rows); },
        [](const Sample& sample) { return sample.timestamp; }, [&](const Sample& sample) { put_csv(sheet, sample); });
  }
  Result<void> tracks_csv(Sheet& sheet) {
    return each_track([&](const Track& track) -> Result<void> {
      put_csv(sheet, track);
      return {};
    });
  }
  Result<void> activity_csv(Sheet& sheet) {
    for (DeviceTime from = range_.from; from < range_.until; from += activity_page) {
      const auto sums = store_.activity(device_.number, {from, std::min(from + activity_page, range_.until)});
      if (!sums) return tl::unexpected(sums.error());
      for (const ActivitySum& sum : *sums) put_csv(sheet, sum);
    }
    return {};
  }
  Result<void> joint_walks_csv(Sheet& sheet) {
    return each_walk([&](const SeenWalk& seen) { put_csv(sheet, seen); });
  }

  Result<void> fixes_geojson(Sheet& sheet) {
    auto done = each_fix(range_, [&](const Fix& fix) {
      next_feature(sheet);
      append_feature(sheet.text, id(), fix);
      count(sheet);
    });
    sheet.text.append("]}\n");
    return done;
  }
  Result<void> tracks_geojson(Sheet& sheet) {
    auto done = each_track([&](const Track& track) {
      next_feature(sheet);
      TrackFeature feature(sheet.text, id(), track);
      auto read = each_fix(range_of(track), [&](const Fix& fix) {
        feature.add(fix);
        count(sheet);
      });
      feature.end();
      return read;
    });
    sheet.text.append("]}\n");
    return done;
  }
  Result<void> joint_walks_geojson(Sheet& sheet) {
    auto done = each_walk([&](const SeenWalk& seen) {
      next_feature(sheet);
      append_feature(sheet.text, id(), seen);
      count(sheet);
    });
    sheet.text.append("]}\n");
    return done;
  }

  Result<void> fixes_gpx(Sheet& sheet) {
    auto done = gpx_track(sheet, range_);
    sheet.text.append("</gpx>\n");
    return done;
  }
  Result<void> tracks_gpx(Sheet& sheet) {
    auto done = each_track([&](const Track& track) { return gpx_track(sheet, range_of(track)); });
    sheet.text.append("</gpx>\n");
    return done;
  }

 private:
  const std::string& id() const { return device_.id.text(); }
  static TimeRange range_of(const Track& track) { return {track.from, track.to + std::chrono::seconds(1)}; }

  void count(Sheet& sheet) {
    sheet.flush_if_large();
    ++rows_;
    ++done_;
    if (is_on_terminal_) bar_.show(done_, std::max(done_, static_cast<std::size_t>(expected_)));
  }
  template <class Row>
  void put_csv(Sheet& sheet, const Row& row) {
    append_csv(sheet.text, id(), row);
    count(sheet);
  }
  void next_feature(Sheet& sheet) {
    if (rows_ > 0) sheet.text.append(",\n");
  }

  Result<void> gpx_track(Sheet& sheet, TimeRange range) {
    sheet.text.append("<trk><name>").append(id()).append("</name><trkseg>\n");
    auto done = each_fix(range, [&](const Fix& fix) {
      append_gpx_point(sheet.text, fix);
      count(sheet);
    });
    sheet.text.append("</trkseg></trk>\n");
    return done;
  }

  /// By pages, each from the second after the last one's.
  template <class Row, class Read, class LastSecond, class Take>
  Result<void> each(TimeRange range, Read read, LastSecond last_second, Take take) {
    while (!range.empty()) {
      const auto page = read(range);
      if (!page) return tl::unexpected(page.error());
      for (const Row& row : *page) take(row);
      if (page->size() < page_rows) return {};
      range.from = last_second(page->back()) + std::chrono::seconds(1);
    }
    return {};
  }

  template <class Take>
  Result<void> each_fix(TimeRange range, Take take) {
    return each<Fix>(
        range, [&](TimeRange part) { return store_.fixes(device_.number, part, page_rows); },
        [](const Fix& fix) { return fix.timestamp; }, take);
  }

  /// Those that have a second of the range, whole.
  template <class Take>
  Result<void> each_track(Take take) {
    Result<void> done;
    auto read = each<Track>(
        range_, [&](TimeRange part) { return store_.tracks(device_.number, part, page_rows); },
        [](const Track& track) { return track.to; },
        [&](const Track& track) {
          if (done) done = take(track);
        });
    return done ? read : done;
  }

  template <class Take>
  Result<void> each_original(Take take, Sheet& sheet) {
    const ServerTime from = std::chrono::time_point_cast<std::chrono::microseconds>(range_.from);
    const ServerTime until = std::chrono::time_point_cast<std::chrono::microseconds>(range_.until);
    MessagePlace after{from - std::chrono::microseconds(1), std::numeric_limits<std::int32_t>::max()};
    while (true) {
      const auto page = store_.messages(device_.number, std::nullopt, after, page_rows);
      if (!page) return tl::unexpected(page.error());
      if (page->empty()) return {};
      for (const StoredMessage& message : *page) {
        if (message.received_at >= until) return {};
        take(message);
        count(sheet);
      }
      after = {page->back().received_at, page->back().ordinal};
    }
  }

  template <class Take>
  Result<void> each_walk(Take take) {
    WalkPlace after;
    while (true) {
      const auto page = store_.joint_walks(device_.number, range_, after, page_rows);
      if (!page) return tl::unexpected(page.error());
      if (auto learnt = learn_partners(*page); !learnt) return learnt;
      for (const OfPair<JointWalk>& walk : *page) {
        const bool is_first = walk.a == device_.number;
        take(SeenWalk{partners_[is_first ? walk.b : walk.a], walk.of, is_first});
      }
      if (page->size() < page_rows) return {};
      after = place_of(page->back());
    }
  }

  /// Of all devices only the ids of those that are met are kept.
  Result<void> learn_partners(const std::vector<OfPair<JointWalk>>& walks) {
    bool all_are_known = true;
    for (const OfPair<JointWalk>& walk : walks) {
      const bool is_new = partners_.try_emplace(walk.a == device_.number ? walk.b : walk.a).second;
      all_are_known = all_are_known && !is_new;
    }
    if (all_are_known) return {};
    const auto read = registry_.changes_since(
        0,
        [&](const DeviceRecord& record) {
          const auto partner = partners_.find(record.device.number);
          if (partner != partners_.end()) partner->second = record.device.id.text();
        },
        leave_out);
    if (!read) return tl::unexpected(read.error());
    return {};
  }

  QueryStore& store_;
  DeviceRegistry& registry_;
  const RegisteredDevice device_;
  const TimeRange range_;
  const bool is_on_terminal_ = isatty(STDERR_FILENO) == 1;
  std::map<DeviceNumber, std::string> partners_;
  std::int64_t expected_ = 0;
  std::size_t done_ = 0;
  std::size_t rows_ = 0;  // of this file
  ProgressBar bar_{"rows"};
};

using Write = Result<void> (Export::*)(Sheet&);
constexpr const char* geojson_header = "{\"type\":\"FeatureCollection\",\"features\":[\n";
constexpr const char* gpx_header =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<gpx version=\"1.1\" creator=\"Packwalk\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n";

/// A kind of rows, and how it is written in each format, if it can be.
struct Kind {
  const char* name;
  const char* csv_header;
  Write csv;
  Write geojson;
  Write gpx;

  Write writer(std::string_view format) const { return format == "csv" ? csv : format == "geojson" ? geojson : gpx; }
  const char* header(std::string_view format) const {
    return format == "csv" ? csv_header : format == "geojson" ? geojson_header : gpx_header;
  }
};
constexpr Kind kinds[] = {
    {"originals", CsvHeaders::originals, &Export::originals_csv, nullptr, nullptr},
    {"fixes", CsvHeaders::fixes, &Export::fixes_csv, &Export::fixes_geojson, &Export::fixes_gpx},
    {"samples", CsvHeaders::samples, &Export::samples_csv, nullptr, nullptr},
    {"tracks", CsvHeaders::tracks, &Export::tracks_csv, &Export::tracks_geojson, &Export::tracks_gpx},
    {"activity", CsvHeaders::activity, &Export::activity_csv, nullptr, nullptr},
    {"joint-walks", CsvHeaders::joint_walks, &Export::joint_walks_csv, &Export::joint_walks_geojson, nullptr},
};

Result<std::vector<const Kind*>> kinds_of(const ExportOptions& options) {
  const std::set<std::string> wanted(options.what.begin(), options.what.end());
  std::vector<const Kind*> chosen;
  for (const Kind& kind : kinds) {
    const bool is_there = kind.writer(options.format) != nullptr;
    if (wanted.contains(kind.name) && !is_there) {
      return fail(Errc::invalid_input, std::string(kind.name) + " cannot be written as " + options.format +
                                           ": it has no places or lines; use --format csv");
    }
    if (is_there && (wanted.contains(kind.name) || wanted.contains("all"))) chosen.push_back(&kind);
  }
  return chosen;
}

Result<TimeRange> range_of(const ExportOptions& options) {
  TimeRange range{before_all, after_all};
  const auto read = [](const char* name, const std::optional<std::string>& text, DeviceTime& time) -> Result<void> {
    if (!text) return {};
    const auto found = time_from_text(*text);
    if (!found)
      return fail(Errc::invalid_input, std::string(name) + ": give seconds since 1970, or 2026-01-31T10:00:00Z");
    time = std::clamp(*found, before_all, after_all);
    return {};
  };
  auto done = read("--from", options.from, range.from);
  if (done) done = read("--to", options.to, range.until);
  if (!done) return tl::unexpected(done.error());
  return range;
}

Result<RegisteredDevice> find_device(DeviceRegistry& registry, const std::string& id) {
  std::optional<RegisteredDevice> found;
  const auto read = registry.changes_since(
      0,
      [&](const DeviceRecord& record) {
        if (record.device.id.text() == id) found = record.device;
      },
      leave_out);
  if (!read) return tl::unexpected(read.error());
  if (!found) return fail(Errc::not_found, "no device " + id);
  return *std::move(found);
}

/// A file of its own for one kind that is named like one, else a folder with a file for each.
Result<std::map<const Kind*, fs::path>> paths_of(const ExportOptions& options, const std::vector<const Kind*>& chosen) {
  const fs::path out = options.out.empty() ? options.device : options.out;
  const std::string extension = "." + options.format;
  std::error_code error;
  const bool is_file = chosen.size() == 1 && out.extension() == extension && !fs::is_directory(out, error);
  const fs::path folder = is_file ? out.parent_path() : out;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error && !fs::is_directory(folder)) {
    return fail(Errc::unavailable, "cannot make " + folder.string() + ": " + error.message());
  }
  std::map<const Kind*, fs::path> paths;
  for (const Kind* kind : chosen) {
    const fs::path path = is_file ? out : folder / (kind->name + extension);
    if (!options.force && fs::exists(path, error)) {
      return fail(Errc::conflict, path.string() + " exists already (--force overwrites it)");
    }
    paths.emplace(kind, path);
  }
  return paths;
}

Result<void> run(const ExportOptions& options) {
  const auto chosen = kinds_of(options);
  if (!chosen) return tl::unexpected(chosen.error());
  const auto range = range_of(options);
  if (!range) return tl::unexpected(range.error());
  const auto config = load_config(options.data, options.config, environ);
  if (!config) return tl::unexpected(config.error());
  const auto store = open_store(DataDirectory::existing(options.data), *config, StoreUse::existing);
  if (!store) return tl::unexpected(store.error());
  const auto registry = (*store)->device_registry();
  if (!registry) return tl::unexpected(registry.error());
  auto device = find_device(**registry, options.device);
  if (!device) return tl::unexpected(device.error());
  const auto queries = open_query_store(*config, **store);
  if (!queries) return tl::unexpected(queries.error());
  const auto paths = paths_of(options, *chosen);
  if (!paths) return tl::unexpected(paths.error());
  Export rows(**queries, **registry, *std::move(device), *range);
  const auto has = [&](const Kind& kind) { return paths->contains(&kind); };
  const bool lines = options.format != "csv";  // the fixes of tracks are written too
  if (auto expected = rows.expect(has(kinds[0]), has(kinds[1]) || (lines && has(kinds[3])), has(kinds[2])); !expected) {
    return expected;
  }
  for (const Kind* kind : *chosen) {
    const fs::path& path = paths->at(kind);
    NewFile file(path, kind->header(options.format));
    auto done = (rows.*kind->writer(options.format))(file.sheet());
    if (done) done = file.finish();
    rows.end_bar();
    if (!done) return done;
    std::cout << path.string() << ": " << rows.rows_of_file() << (lines ? " places\n" : " rows\n");
  }
  return {};
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand(
      "export", "Write what there is of a device into files; works beside a running `serve` and reads only");
  command->add_option("device", options->device, "The device")->required();
  command->add_option("--data", options->data, "Folder of the database")->capture_default_str();
  command->add_option("--config", options->config, "Another TOML file")->check(CLI::ExistingFile);
  command
      ->add_option("--what", options->what,
                   "Which of originals, fixes, samples, tracks, activity, joint-walks, with commas between; or all")
      ->delimiter(',')
      ->check(CLI::IsMember({"originals", "fixes", "samples", "tracks", "activity", "joint-walks", "all"}))
      ->capture_default_str();
  command
      ->add_option("--format", options->format,
                   "csv; geojson of fixes, tracks and joint walks; gpx of fixes and tracks. Of all, what can be")
      ->check(CLI::IsMember({"csv", "geojson", "gpx"}))
      ->capture_default_str();
  command->add_option("--from", options->from,
                      "Not what is earlier: seconds since 1970 or 2026-01-31T10:00:00Z; of originals, the arrival");
  command->add_option("--to", options->to, "Not what is then or later");
  command->add_option(
      "--out", options->out,
      "A folder, for a file of each kind [the device's id]; or a file, such as fixes.csv, for one kind");
  command->add_flag("--force", options->force, "Overwrite files");
  command->callback([options, &chosen] {
    chosen = [options] {
      const auto done = run(*options);
      return done ? exit_success : complain(done.error().detail);
    };
  });
}

}  // namespace packwalk
