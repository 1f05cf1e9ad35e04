#include "packwalk/commands/export.h"

#include <CLI/CLI.hpp>
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

#include "base/text.h"
#include "packwalk/commands/device_export.h"
#include "packwalk/commands/sheet.h"
#include "packwalk/commands/time_options.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

namespace fs = std::filesystem;

// The facts that a packet can hold.
constexpr DeviceTime before_all = device_time(std::numeric_limits<std::int32_t>::min());
constexpr DeviceTime after_all = device_time(std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1);

struct ExportOptions : InstallationOptions {
  std::string device;
  std::vector<std::string> what{"all"};
  std::string format = "csv";
  std::string out;
  RangeOptions range;
  bool force = false;
};

/// A file that is renamed from its temporary name when it is complete. Standard output has no temporary name.
class NewFile {
 public:
  explicit NewFile(fs::path path)
      : path_(std::move(path)), part_(path_ == "-" ? "-" : path_.string() + ".part"), sheet_(part_, "") {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    std::error_code ignored;
    if (!is_whole_ && part_ != "-") fs::remove(part_, ignored);
  }

  Sheet& sheet() { return sheet_; }
  Result<void> finish() {
    if (auto closed = sheet_.close(); !closed) return closed;
    std::error_code error;
    if (part_ != path_) fs::rename(part_, path_, error);
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

using Write = Result<void> (DeviceExport::*)(Sheet&);

/// A kind of rows, and its writer for each format that supports it.
struct Kind {
  const char* name;
  Write csv;
  Write geojson;
  Write gpx;

  Write writer(std::string_view format) const { return format == "csv" ? csv : format == "geojson" ? geojson : gpx; }
};
constexpr Kind kinds[] = {
    {"originals", &DeviceExport::originals_csv, nullptr, nullptr},
    {"fixes", &DeviceExport::fixes_csv, &DeviceExport::fixes_geojson, &DeviceExport::fixes_gpx},
    {"samples", &DeviceExport::samples_csv, nullptr, nullptr},
    {"tracks", &DeviceExport::tracks_csv, &DeviceExport::tracks_geojson, &DeviceExport::tracks_gpx},
    {"activity", &DeviceExport::activity_csv, nullptr, nullptr},
    {"joint-walks", &DeviceExport::joint_walks_csv, &DeviceExport::joint_walks_geojson, nullptr},
};

Result<std::vector<const Kind*>> kinds_of(const ExportOptions& options) {
  const std::set<std::string> wanted(options.what.begin(), options.what.end());
  std::vector<const Kind*> chosen;
  for (const Kind& kind : kinds) {
    const bool is_there = kind.writer(options.format) != nullptr;
    if (wanted.contains(kind.name) && !is_there) {
      return fail(Errc::invalid_input,
                  std::string(kind.name) + " cannot be written as " + options.format + ". Use --format csv");
    }
    if (is_there && (wanted.contains(kind.name) || wanted.contains("all"))) chosen.push_back(&kind);
  }
  return chosen;
}

TimeRange within_times_of_packets(TimeRange range) {
  return {std::clamp(range.from, before_all, after_all), std::clamp(range.until, before_all, after_all)};
}

Result<RegisteredDevice> find_device(DeviceRegistry& registry, const std::string& id) {
  const auto key = DeviceId::from_text(id);
  if (!key) return fail(Errc::not_found, "no device " + id);
  const auto found = registry.find(*key);
  if (!found) return found.failure();
  if (!*found) return fail(Errc::not_found, "no device " + id);
  return (*found)->device;
}

/// One file if `out` is named like a file and there is one kind; otherwise a folder with one file per kind.
Result<std::map<const Kind*, fs::path>> paths_of(const ExportOptions& options, const std::vector<const Kind*>& chosen) {
  const fs::path out = options.out.empty() ? options.device : options.out;
  if (out == "-") {
    if (chosen.size() == 1) return std::map<const Kind*, fs::path>{{chosen.front(), out}};
    return fail(Errc::invalid_input, "standard output takes one kind of rows. Name it with --what");
  }
  const std::string extension = "." + options.format;
  std::error_code ignored;  // a missing path is not a folder
  const bool is_file = chosen.size() == 1 && out.extension() == extension && !fs::is_directory(out, ignored);
  const fs::path folder = is_file ? out.parent_path() : out;
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error && !fs::is_directory(folder, ignored)) {
    return fail(Errc::unavailable, "cannot create " + folder.string() + ": " + error.message());
  }
  std::map<const Kind*, fs::path> paths;
  for (const Kind* kind : chosen) {
    const fs::path path = is_file ? out : folder / (kind->name + extension);
    if (!options.force && fs::exists(path, ignored)) {
      return fail(Errc::conflict, path.string() + " exists already (--force overwrites it)");
    }
    paths.emplace(kind, path);
  }
  return paths;
}

/// Checks the command line.
Result<void> checked(const ExportOptions& options) {
  if (const auto id = DeviceId::from_text(options.device); !id) {
    return fail(Errc::invalid_input, printable(options.device) + ": " + id.error().detail);
  }
  const auto chosen = kinds_of(options);
  if (!chosen) return chosen.failure();
  if (options.out == "-" && chosen->size() != 1) {
    return fail(Errc::invalid_input, "standard output takes one kind of rows. Name it with --what");
  }
  const auto range = range_of(options.range);
  return range ? Result<void>() : range.failure();
}

Result<void> run_export(const ExportOptions& options) {
  const auto chosen = kinds_of(options);
  if (!chosen) return chosen.failure();
  const auto range = range_of(options.range);
  if (!range) return range.failure();
  auto installation = Installation::open(options);
  if (!installation) return installation.failure();
  const auto registry = installation->device_registry();
  if (!registry) return registry.failure();
  auto device = find_device(**registry, options.device);
  if (!device) return device.failure();
  const auto queries = installation->query_store();
  if (!queries) return queries.failure();
  const auto messages = installation->message_reader();
  if (!messages) return messages.failure();
  const auto paths = paths_of(options, *chosen);
  if (!paths) return paths.failure();
  DeviceExport rows({**queries, **messages, **registry}, *std::move(device), within_times_of_packets(*range),
                    installation->config().analysis.rules);
  const auto has = [&](const Kind& kind) { return paths->contains(&kind); };
  const bool lines = options.format != "csv";  // the bar also counts the fixes of tracks
  if (auto expected = rows.expect(has(kinds[0]), has(kinds[1]) || (lines && has(kinds[3])), has(kinds[2])); !expected) {
    return expected;
  }
  for (const Kind* kind : *chosen) {
    const fs::path& path = paths->at(kind);
    NewFile file(path);
    auto done = (rows.*kind->writer(options.format))(file.sheet());
    if (done) done = rows.still_there();
    if (done) done = file.finish();
    rows.end_bar();
    if (!done) return done;
    std::cerr << (path == "-" ? "standard output" : path.string()) << ": "
              << counted(static_cast<std::int64_t>(rows.rows_of_file()), lines ? "position" : "row") << '\n';
  }
  return {};
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export",
                                         "Export the data of a device into files. It changes nothing, and works while "
                                         "`serve` runs. Data that arrives meanwhile may be missing");
  command->add_option("device", options->device, "The device")->required();
  options->add_to(*command, "Folder of the database");
  command
      ->add_option(
          "--what", options->what,
          "Kinds of rows, separated by commas: originals, fixes, samples, tracks, activity, joint-walks; or all")
      ->delimiter(',')
      ->check(CLI::IsMember({"originals", "fixes", "samples", "tracks", "activity", "joint-walks", "all"}))
      ->capture_default_str();
  command
      ->add_option("--format", options->format,
                   "csv; geojson for fixes, tracks and joint walks; gpx for fixes and tracks. `--what all` leaves out "
                   "kinds that do not have this format")
      ->check(CLI::IsMember({"csv", "geojson", "gpx"}))
      ->capture_default_str();
  add_range_flags(*command, options->range, "; for originals, the time of arrival");
  command->add_option("--out", options->out,
                      "A folder for one file per kind [the device's id], or a file such as fixes.csv for one kind; - "
                      "means standard output");
  command->add_flag("--force", options->force, "Overwrite existing files");
  command->callback([options, &chosen] {
    chosen = [options] {
      if (const auto asked = checked(*options); !asked) return complain_of_usage(asked.error().detail);
      const auto done = run_export(*options);
      return done ? exit_success : complain(done.error().detail);
    };
  });
}

}  // namespace packwalk
