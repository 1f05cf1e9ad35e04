#include "packwalk/analyse.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/system/system_clock.h"
#include "base/text.h"
#include "core/walk/all_walks.h"
#include "core/walk/analysis_rules.h"
#include "packwalk/progress_bar.h"
#include "packwalk/reading_options.h"
#include "packwalk/reading_report.h"
#include "packwalk/recorded_fixes.h"
#include "packwalk/replay_values.h"
#include "packwalk/sheet.h"

namespace packwalk {
namespace {

// The command line as it came.
struct AnalyseOptions {
  std::vector<std::string> files, sleep;
  std::string outliers, tracks, contacts, joint_walks, preset = "specification", drop_max = "5%";
  std::vector<std::string> set;
  ReadingOptions reading;
  bool force = false;
};

/// A field of RFC 4180.
std::string field_of(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

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
std::string meters_text(double meters) {
  return text_by([](std::string& text, double value) { append_meters(text, value); }, meters);
}
std::string degrees_text(double degrees) {
  return text_by([](std::string& text, double value) { append_degrees(text, value); }, degrees);
}
std::string told_text(MaybeMeters meters) {
  return meters.known() ? text_by(append_told_meters, meters.value_or(0)) : std::string();
}

/// A sheet that nobody asked for is none.
std::unique_ptr<Sheet> sheet_for(const std::string& path, const char* header) {
  return path.empty() ? nullptr : std::make_unique<Sheet>(path, header);
}

class Analysis {
 public:
  Analysis(std::vector<RecordedDevice> devices, const AnalysisRules& rules)
      : devices_(std::move(devices)), rules_(rules) {}

  /// Outliers; from here on they are left out.
  Result<void> write_outliers(const std::string& path) {
    const auto sheet = sheet_for(path, "device,timestamp,lat,lon,accuracy\n");
    for (RecordedDevice& device : devices_) {
      fixes_ += device.fixes.size();
      const auto outliers = take_out(device.fixes, outliers_of(device.fixes, rules_.outliers()));
      if (outliers_ == 0 && !outliers.empty()) {
        first_outlier_ = device.name + " at " + std::to_string(seconds_since_1970(outliers.front().timestamp));
      }
      outliers_ += outliers.size();
      for (std::size_t i = 0; sheet && i < outliers.size(); ++i) {
        const PathFix& fix = outliers[i];
        append_row(sheet->text, field_of(device.name), seconds_since_1970(fix.timestamp),
                   degrees_text(fix.position.latitude()), degrees_text(fix.position.longitude()),
                   told_text(fix.accuracy));
        sheet->flush_if_large();
      }
    }
    return sheet ? sheet->close() : Result<void>();
  }

  /// Tracks; from here on only the paths are kept.
  Result<void> write_tracks(const std::string& path) {
    const auto sheet = sheet_for(path, "device,from,to,fixes,length_m\n");
    for (RecordedDevice& device : devices_) {
      const auto tracks = tracks_of(device.fixes, device.sleeps, rules_.tracks);
      tracks_ += tracks.size();
      for (std::size_t i = 0; sheet && i < tracks.size(); ++i) {
        const Track& track = tracks[i];
        append_row(sheet->text, field_of(device.name), seconds_since_1970(track.from), seconds_since_1970(track.to),
                   track.fixes, meters_text(track.length_m));
        sheet->flush_if_large();
      }
      paths_.push_back(path_of(device.fixes, device.sleeps, rules_.tracks, rules_.walks));
      device.fixes = {};
      device.sleeps = {};
    }
    return sheet ? sheet->close() : Result<void>();
  }

  Result<void> write_walks(const std::string& contacts_path, const std::string& walks_path) {
    const auto contacts = sheet_for(contacts_path, "device_a,device_b,from,to,near_seconds\n");
    const auto walks = sheet_for(walks_path, "device_a,device_b,from,to,seconds_together,near_seconds,contacts\n");
    const std::vector<std::span<const PathPoint>> views(paths_.begin(), paths_.end());
    ProgressBar bar("fixes");
    const auto all =
        all_walks_of(views, rules_.tracks, rules_.walks, [&](std::size_t done) { bar.show(done, fixes_); });
    bar.end();
    for (const PairTogether& together : all) {
      const std::string a = field_of(devices_[together.pair.a].name);
      const std::string b = field_of(devices_[together.pair.b].name);
      contacts_ += together.contacts.size();
      walks_ += together.walks.size();
      for (const Contact& each : together.contacts) {
        if (contacts) append_row(contacts->text, a, b, each.from, each.to, each.near_seconds);
      }
      for (const JointWalk& each : together.walks) {
        if (walks) {
          append_row(walks->text, a, b, each.from, each.to, each.seconds_together, each.near_seconds, each.contacts);
        }
      }
      if (contacts) contacts->flush_if_large();
      if (walks) walks->flush_if_large();
    }
    for (const auto& sheet : {contacts.get(), walks.get()}) {
      if (!sheet) continue;
      if (auto closed = sheet->close(); !closed) return closed;
    }
    return {};
  }

  void print() const {
    if (outliers_ > 0) {
      std::cerr << "outliers: fixes that no track, contact or joint walk uses " << outliers_ << " (" << first_outlier_
                << ")\n";
    }
    std::cerr << "devices " << devices_.size() << ", fixes " << fixes_ << ", tracks " << tracks_ << ", contacts "
              << contacts_ << ", joint walks " << walks_ << '\n';
  }

 private:
  std::vector<RecordedDevice> devices_;
  const AnalysisRules& rules_;
  std::vector<std::vector<PathPoint>> paths_;
  std::size_t fixes_ = 0;
  std::size_t outliers_ = 0;
  std::string first_outlier_;
  std::size_t tracks_ = 0;
  std::size_t contacts_ = 0;
  std::size_t walks_ = 0;
};

Result<AnalysisRules> rules_of(const AnalyseOptions& options) {
  auto rules = rules_of_preset(options.preset);
  if (!rules) return fail(Errc::invalid_input, "--preset: " + rules.error().detail);
  for (const std::string& each : options.set) {
    const std::size_t equals = std::min(each.find('='), each.size());
    const auto value = number_from<double>(std::string_view(each).substr(std::min(equals + 1, each.size())));
    if (!value) return fail(Errc::invalid_input, "--set " + each + " is not NAME=NUMBER");
    if (auto set = set_rule(*rules, std::string_view(each).substr(0, equals), *value); !set) {
      return fail(Errc::invalid_input, "--set: " + set.error().detail);
    }
  }
  return rules;
}

/// Standard output is for one table, standard input for one file.
Result<void> check_pipes(const AnalyseOptions& options) {
  const std::string* outputs[] = {&options.outliers, &options.tracks, &options.contacts, &options.joint_walks};
  if (std::count_if(std::begin(outputs), std::end(outputs), [](const std::string* path) { return *path == "-"; }) > 1) {
    return fail(Errc::invalid_input, "only one table can go to standard output");
  }
  if (std::count(options.files.begin(), options.files.end(), "-") +
          std::count(options.sleep.begin(), options.sleep.end(), "-") >
      1) {
    return fail(Errc::invalid_input, "only one file can come from standard input");
  }
  return {};
}

/// Outputs that are not there yet, or that the operator wants to lose.
Result<void> check_outputs(const AnalyseOptions& options) {
  for (const std::string* path : {&options.outliers, &options.tracks, &options.contacts, &options.joint_walks}) {
    std::error_code ignored;  // what cannot be looked at cannot be written either, which is said then
    if (!options.force && std::filesystem::is_regular_file(*path, ignored)) {
      return fail(Errc::conflict, *path + " exists already (--force overwrites it)");
    }
  }
  return {};
}

Result<void> read_files(const AnalyseOptions& options, RecordedFixes& recorded) {
  for (const std::string& path : options.files) {
    if (auto read = recorded.read_fixes(path); !read) return read;
  }
  for (const std::string& path : options.sleep) {
    if (auto read = recorded.read_sleeps(path); !read) return read;
  }
  return {};
}

/// Whether what was dropped is so much that the rows are hardly right.
Result<void> check_dropped(const RecordedFixes& recorded, double dropped_max) {
  const double share = dropped_share(recorded);
  if (share <= dropped_max) return {};
  std::string sentence = "of " + std::to_string(recorded.rows()) + " rows " +
                         std::to_string(recorded.left().dropped()) + " were dropped, more than --drop-max allows";
  return fail(Errc::invalid_input, std::move(sentence));
}

/// What the command line means.
struct Plan {
  AnalysisRules rules;
  replay::ReadRules reading;
  double dropped_max = 0;
};

Result<Plan> plan_of(const AnalyseOptions& options) {
  auto rules = rules_of(options);
  if (!rules) return tl::unexpected(std::move(rules.error()));
  auto reading = read_rules_of(options.reading);
  if (!reading) return tl::unexpected(std::move(reading.error()));
  const auto dropped_max = whole_share_from(options.drop_max);
  if (!dropped_max) return fail(Errc::invalid_input, "--drop-max: " + options.drop_max + " is not a share (5%, 0.05)");
  if (auto checked = check_pipes(options); !checked) return tl::unexpected(std::move(checked.error()));
  return Plan{*std::move(rules), *std::move(reading), *dropped_max};
}

Result<void> analyse(const AnalyseOptions& options, const Plan& plan) {
  if (auto checked = check_outputs(options); !checked) return checked;
  RecordedFixes recorded(plan.reading, options.files);
  if (auto read = read_files(options, recorded); !read) return read;
  auto devices = recorded.take();
  const auto now = std::chrono::floor<std::chrono::seconds>(make_system_clock()->now());
  std::cerr << reading_report(recorded, devices, plan.rules.walks.bridge, now);
  const auto has_fixes = [](const RecordedDevice& device) { return !device.fixes.empty(); };
  if (std::none_of(devices.begin(), devices.end(), has_fixes)) return fail(Errc::invalid_input, "no fix could be read");
  Analysis analysis(std::move(devices), plan.rules);
  if (auto written = analysis.write_outliers(options.outliers); !written) return written;
  if (auto written = analysis.write_tracks(options.tracks); !written) return written;
  if (auto written = analysis.write_walks(options.contacts, options.joint_walks); !written) return written;
  analysis.print();
  return check_dropped(recorded, plan.dropped_max);
}

std::string help_of_rules() {
  std::string help = "NAME=NUMBER, again and again. Names:";
  const AnalysisRules defaults;
  for (const NamedRule& rule : named_rules()) {
    help.append("\n").append(rule.name).append(" [");
    append_number(help, rule.get(defaults));
    help.append("] ").append(rule.meaning);
  }
  return help;
}

}  // namespace

void add_analyse(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<AnalyseOptions>();
  CLI::App* command = app.add_subcommand(
      "analyse",
      "Find the tracks, contacts and joint walks in files of fixes, without a server (some 80 bytes of memory a fix; "
      "contacts are of pairs, so a crowd at one place needs far more). How the files were read is told on standard "
      "error; exit code 1 when nothing was read, or too much dropped");
  command
      ->add_option("files", options->files,
                   "CSV or GPX files, also packed by gzip; - is standard input. A file without a column of devices is "
                   "of one device, by its name")
      ->required()
      ->check(input_path);
  command
      ->add_option("--sleep", options->sleep,
                   "CSV files of sleep samples: device,timestamp; of all samples, if there is a column activity")
      ->check(input_path);
  command->add_option("--outliers", options->outliers,
                      "Write device,timestamp,lat,lon,accuracy of the fixes that are outliers to this file");
  command->add_option("--tracks", options->tracks,
                      "Write device,from,to,fixes,length_m to this file; - is standard output");
  command->add_option("--contacts", options->contacts, "Write device_a,device_b,from,to,near_seconds to this file");
  command->add_option("--joint-walks", options->joint_walks,
                      "Write device_a,device_b,from,to,seconds_together,near_seconds,contacts to this file");
  command->add_flag("--force", options->force, "Overwrite files");
  command->add_option("--preset", options->preset, "specification, or off-leash for dogs that stray")
      ->capture_default_str();
  command->add_option("--set", options->set, help_of_rules());
  command
      ->add_option("--drop-max", options->drop_max, "Share of the rows that may be dropped before the exit code is 1")
      ->capture_default_str();
  add_reading_flags(*command, options->reading);
  command->callback([options, &chosen] {
    chosen = [options] {
      const auto plan = plan_of(*options);
      if (!plan) return complain_of_usage(plan.error().detail);
      const auto done = analyse(*options, *plan);
      return done ? exit_success : complain(done.error().detail);
    };
  });
}

}  // namespace packwalk
