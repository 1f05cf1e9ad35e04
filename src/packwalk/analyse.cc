#include "packwalk/analyse.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "core/walk/all_walks.h"
#include "core/walk/analysis_rules.h"
#include "packwalk/progress_bar.h"
#include "packwalk/sheet.h"
#include "replay/csv_recording.h"

namespace packwalk {
namespace {

// The command line as it came.
struct AnalyseOptions {
  std::vector<std::string> files, sleep;
  std::string outliers, tracks, contacts, joint_walks, columns, device, preset = "specification";
  std::vector<std::string> set;
};

/// A file's bytes, as long as this lives.
class FileText {
 public:
  static Result<FileText> open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (file < 0 || ::fstat(file, &about) != 0) {
      const int error = errno;
      if (file >= 0) ::close(file);
      return fail(Errc::not_found, "cannot read " + path + ": " + std::strerror(error));
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    void* bytes = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    ::close(file);
    if (bytes == MAP_FAILED) return fail(Errc::not_found, "cannot read " + path + ": " + std::strerror(errno));
    return FileText({static_cast<const char*>(bytes), size});
  }
  FileText(FileText&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  FileText& operator=(FileText&&) = delete;
  ~FileText() {
    if (!text_.empty()) ::munmap(const_cast<char*>(text_.data()), text_.size());
  }
  std::string_view text() const { return text_; }

 private:
  explicit FileText(std::string_view text) : text_(text) {}
  std::string_view text_;
};

struct Device {
  std::string name;
  std::vector<PathFix> fixes;
  std::vector<DeviceTime> sleeps;
};

struct Dropped {
  std::size_t unreadable = 0;
  std::size_t invalid = 0;   // coordinates or times that there are not
  std::size_t repeated = 0;  // of the same device and second as an earlier row
  std::string example;
};

std::optional<DeviceTime> time_of(double seconds) {
  constexpr double most = 9e15;  // a double holds whole seconds up to there
  if (!(std::abs(seconds) <= most)) return std::nullopt;
  return device_time(static_cast<std::int64_t>(std::floor(seconds)));
}

/// What the files tell, device by device, in the byte order of their names.
class Recordings {
 public:
  explicit Recordings(replay::CsvRules rules) : rules_(std::move(rules)) {}

  Result<void> read_fixes(const std::string& path) {
    return read(path, false, [this](Device& device, const RawTrack& packet) {
      const auto place = LatLon::from_degrees(packet.latitude, packet.longitude);
      const auto time = time_of(packet.seconds);
      if (!place || !time || (packet.latitude == 0 && packet.longitude == 0)) {
        ++dropped_.invalid;
        return;
      }
      const double accuracy = packet.accuracy.value_or(0);
      device.fixes.push_back({*place, accuracy > 0 ? MaybeMeters(accuracy) : MaybeMeters(), *time});
    });
  }

  Result<void> read_sleeps(const std::string& path) {
    return read(path, true, [this](Device& device, const RawTrack& packet) {
      const auto time = time_of(packet.seconds);
      time ? device.sleeps.push_back(*time) : static_cast<void>(++dropped_.invalid);
    });
  }

  /// Sorted by name and time; of equal seconds the first row stays.
  std::vector<Device> take() {
    for (Device& device : devices_) {
      const auto earlier = [](const PathFix& a, const PathFix& b) { return a.timestamp < b.timestamp; };
      if (!std::is_sorted(device.fixes.begin(), device.fixes.end(), earlier)) {
        std::stable_sort(device.fixes.begin(), device.fixes.end(), earlier);
      }
      const auto end = std::unique(device.fixes.begin(), device.fixes.end(),
                                   [](const PathFix& a, const PathFix& b) { return a.timestamp == b.timestamp; });
      dropped_.repeated += static_cast<std::size_t>(device.fixes.end() - end);
      device.fixes.erase(end, device.fixes.end());
      std::sort(device.sleeps.begin(), device.sleeps.end());
    }
    std::sort(devices_.begin(), devices_.end(), [](const Device& a, const Device& b) { return a.name < b.name; });
    return std::move(devices_);
  }

  const Dropped& dropped() const { return dropped_; }

 private:
  template <class Take>
  Result<void> read(const std::string& path, bool only_sleep, const Take& take) {
    const auto file = FileText::open(path);
    if (!file) return tl::unexpected(file.error());
    replay::CsvRules rules = rules_;
    rules.only_sleep = only_sleep;
    const auto done = replay::each_csv_row(
        file->text(), rules,
        [&](const std::string& name, std::size_t /*line*/, const RawTrack& packet) { take(device_of(name), packet); },
        [&](const replay::UnreadableRow& row) {
          if (dropped_.unreadable++ == 0) {
            dropped_.example = path + ", line " + std::to_string(row.line) + ": " + row.reason;
          }
        });
    if (!done) return fail(done.error().code, path + ": " + done.error().detail);
    return {};
  }

  Device& device_of(const std::string& name) {
    if (last_ < devices_.size() && devices_[last_].name == name) return devices_[last_];
    const auto [found, is_new] = index_.try_emplace(name, devices_.size());
    if (is_new) devices_.push_back({name, {}, {}});
    last_ = found->second;
    return devices_[last_];
  }

  const replay::CsvRules rules_;
  std::vector<Device> devices_;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t last_ = 0;  // neighbouring rows are mostly of one device
  Dropped dropped_;
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
  Analysis(std::vector<Device> devices, const AnalysisRules& rules) : devices_(std::move(devices)), rules_(rules) {}

  /// Outliers; from here on they are left out.
  Result<void> write_outliers(const std::string& path) {
    const auto sheet = sheet_for(path, "device,timestamp,lat,lon,accuracy\n");
    for (Device& device : devices_) {
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
    for (Device& device : devices_) {
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
      std::cout << "outliers: fixes that no track, contact or joint walk uses " << outliers_ << " (" << first_outlier_
                << ")\n";
    }
    std::cout << "devices " << devices_.size() << ", fixes " << fixes_ << ", tracks " << tracks_ << ", contacts "
              << contacts_ << ", joint walks " << walks_ << '\n';
  }

 private:
  std::vector<Device> devices_;
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

void print_dropped(const Dropped& dropped) {
  if (dropped.unreadable > 0) {
    std::cout << "dropped: rows that cannot be read " << dropped.unreadable << " (" << dropped.example << ")\n";
  }
  if (dropped.invalid > 0) std::cout << "dropped: rows without a place on earth " << dropped.invalid << '\n';
  if (dropped.repeated > 0) {
    std::cout << "dropped: rows of the same device and second as an earlier one " << dropped.repeated << '\n';
  }
}

Result<void> analyse(const AnalyseOptions& options) {
  const auto rules = rules_of(options);
  if (!rules) return tl::unexpected(rules.error());
  auto columns = replay::columns_from(options.columns);
  if (!columns) return fail(Errc::invalid_input, "--columns: " + columns.error().detail);
  Recordings recordings({.columns = *std::move(columns), .device = options.device});
  for (const std::string& path : options.files) {
    if (auto read = recordings.read_fixes(path); !read) return read;
  }
  for (const std::string& path : options.sleep) {
    if (auto read = recordings.read_sleeps(path); !read) return read;
  }
  auto devices = recordings.take();
  print_dropped(recordings.dropped());
  Analysis analysis(std::move(devices), *rules);
  if (auto written = analysis.write_outliers(options.outliers); !written) return written;
  if (auto written = analysis.write_tracks(options.tracks); !written) return written;
  if (auto written = analysis.write_walks(options.contacts, options.joint_walks); !written) return written;
  analysis.print();
  return {};
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
      "contacts are of pairs, so a crowd at one place needs far more)");
  command->add_option("files", options->files, "CSV files: device,timestamp,lat,lon[,altitude][,accuracy]")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("--sleep", options->sleep,
                   "CSV files of sleep samples: device,timestamp; of all samples, if there is a column activity")
      ->check(CLI::ExistingFile);
  command->add_option("--outliers", options->outliers,
                      "Write device,timestamp,lat,lon,accuracy to this file: of the fixes that are outliers");
  command->add_option("--tracks", options->tracks, "Write device,from,to,fixes,length_m to this file");
  command->add_option("--contacts", options->contacts, "Write device_a,device_b,from,to,near_seconds to this file");
  command->add_option("--joint-walks", options->joint_walks,
                      "Write device_a,device_b,from,to,seconds_together,near_seconds,contacts to this file");
  command->add_option("--preset", options->preset, "specification, or off-leash for dogs that stray")
      ->capture_default_str();
  command->add_option("--set", options->set, help_of_rules());
  command->add_option("--columns", options->columns,
                      "The files' names for device, timestamp, lat, lon, altitude, accuracy, where they are not the "
                      "usual ones: lat=Y,lon=X");
  command->add_option("--device", options->device, "The device of files that have no such column");
  command->callback([options, &chosen] {
    chosen = [options] {
      const auto done = analyse(*options);
      return done ? exit_success : complain(done.error().detail);
    };
  });
}

}  // namespace packwalk
