#include "packwalk/commands/reading_report.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "base/time_text.h"
#include "replay/recording.h"

namespace packwalk {
namespace {

constexpr DeviceTime ancient = device_time(631'152'000);  // 1990-01-01
constexpr std::size_t intervals_max = 100'000;

void append_count(std::string& text, std::size_t count, const std::string& what) {
  if (count == 0) return;
  const auto rows = counted(static_cast<std::int64_t>(count), "row");
  text.append(text.empty() ? "" : ", ").append(rows).append(" ").append(what);
}

std::optional<std::int64_t> median_interval_of(std::span<const RecordedDevice> devices, std::size_t fixes) {
  const std::size_t step = fixes / intervals_max + 1;
  std::vector<std::int64_t> intervals;
  for (const RecordedDevice& device : devices) {
    for (std::size_t i = 1; i < device.fixes.size(); i += step) {
      intervals.push_back((device.fixes[i].timestamp - device.fixes[i - 1].timestamp).count());
    }
  }
  if (intervals.empty()) return std::nullopt;
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  return *middle;
}

std::string seconds_text(std::int64_t seconds) { return std::to_string(seconds) + " s"; }

/// The first items of a long list.
class Lines {
 public:
  void add(const std::string& line) {
    constexpr std::size_t shown_max = 50;
    if (++count_ <= shown_max) text_.append(line).append("\n");
    if (count_ == shown_max + 1) text_.append("and so on\n");
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

std::string line_of(const std::string& path, const replay::Reading& reading) {
  std::string line = path + ": " + reading.form;
  for (std::size_t i = 0; i < reading.meanings.size(); ++i) {
    line.append(i == 0 ? ": " : ", ").append(reading.meanings[i]);
  }
  return line;
}

std::string lines_of_inputs(const RecordedFixes& recorded) {
  Lines lines;
  for (const ReadInput& input : recorded.inputs()) lines.add(line_of(input.path, input.reading));
  for (const std::string& note : recorded.notes()) lines.add(note);
  return lines.text();
}

std::string read_line(const ReadingFacts& facts) {
  std::string line = "read: " + counted(static_cast<std::int64_t>(facts.fixes), "fix", "fixes") + " of " +
                     counted(static_cast<std::int64_t>(facts.devices), "device");
  if (facts.first) line += ", " + iso_text(*facts.first) + " to " + iso_text(*facts.last);
  if (facts.median_interval) line += ", median interval " + seconds_text(*facts.median_interval);
  return line + "\n";
}

std::string left_lines(const LeftRows& left) {
  std::string out;
  append_count(out, left.without_position, "without a position");
  append_count(out, left.not_visible, "that the recorder marks as not valid");
  append_count(out, left.same_second, "of the same device and second as an earlier one, within 50 m");
  append_count(out, left.out_of_range, "not between --from and --to");
  std::string lines = out.empty() ? "" : "left out: " + out + "\n";
  if (left.unreadable > 0) {
    lines += "dropped: unreadable rows " + std::to_string(left.unreadable) + " (" + left.example + ")\n";
  }
  if (left.invalid > 0) {
    lines += "dropped: rows without a position on earth " + std::to_string(left.invalid) + " (" + left.invalid_example +
             ")\n";
  }
  if (left.conflicting > 0) {
    lines += "dropped: rows of the same device and second as an earlier one, further away " +
             std::to_string(left.conflicting) + "\n";
  }
  return lines;
}

/// Whether a file has a column of devices.
bool names_a_column(const RecordedFixes& recorded) {
  const auto& inputs = recorded.inputs();
  return std::any_of(inputs.begin(), inputs.end(), [](const ReadInput& input) {
    return !input.is_sleep && input.reading.device_from == replay::DeviceFrom::column;
  });
}

}  // namespace

ReadingFacts reading_facts(std::span<const RecordedDevice> devices, DeviceTime now) {
  const DeviceTime tomorrow = now + std::chrono::hours(24);
  ReadingFacts facts;
  const auto earlier = [](const PathFix& a, const PathFix& b) { return a.timestamp < b.timestamp; };
  const auto count_before = [&](const RecordedDevice& device, DeviceTime time) {
    const PathFix wanted{.timestamp = time};
    const auto found = std::lower_bound(device.fixes.begin(), device.fixes.end(), wanted, earlier);
    return static_cast<std::size_t>(found - device.fixes.begin());
  };
  for (const RecordedDevice& device : devices) {
    if (device.fixes.empty()) continue;
    ++facts.devices;
    facts.fixes += device.fixes.size();
    facts.first = std::min(facts.first.value_or(DeviceTime::max()), device.fixes.front().timestamp);
    facts.last = std::max(facts.last.value_or(DeviceTime::min()), device.fixes.back().timestamp);
    facts.in_future += device.fixes.size() - count_before(device, tomorrow);
    facts.ancient += count_before(device, ancient);
  }
  facts.median_interval = median_interval_of(devices, facts.fixes);
  return facts;
}

std::vector<std::string> doubts_about(const ReadingFacts& facts, const RecordedFixes& recorded,
                                      std::chrono::seconds bridge) {
  constexpr std::size_t devices_least = 3;
  std::vector<std::string> doubts;
  if (recorded.left().same_second * 4 > recorded.rows()) {
    doubts.emplace_back(
        "many rows have the same second as an earlier row. If they belong to several devices, name the device column "
        "with --columns. If there are several fixes per second, the first one is used");
  }
  if (facts.devices >= devices_least && facts.devices * 2 > facts.fixes) {
    doubts.push_back(
        counted(static_cast<std::int64_t>(facts.fixes), "fix is", "fixes are") + " of " +
        std::to_string(facts.devices) + " devices: " +
        (names_a_column(recorded)
             ? "the device column seems to number the rows. Name another column with --columns device=NAME, or give "
               "--device ID"
             : "each track or file is read as a device of its own. To read all as one device, give --device ID"));
  }
  if (facts.in_future > 0) {
    doubts.push_back(counted(static_cast<std::int64_t>(facts.in_future), "fix is", "fixes are") +
                     " in the future, up to " + iso_text(*facts.last));
  }
  if (facts.ancient > 0) {
    doubts.push_back(counted(static_cast<std::int64_t>(facts.ancient), "fix is", "fixes are") + " before 1990, from " +
                     iso_text(*facts.first) +
                     " on. Numbers are read as seconds since 1970; --excel-days reads them as Excel's days");
  }
  if (facts.median_interval && *facts.median_interval > bridge.count()) {
    doubts.push_back("the median interval of " + seconds_text(*facts.median_interval) + " is over bridge (" +
                     seconds_text(bridge.count()) +
                     "). Packwalk does not interpolate between fixes that far apart, so it finds few contacts or none "
                     "(docs/analysis.md, Coarse fixes)");
  }
  return doubts;
}

std::string reading_report(const RecordedFixes& recorded, const ReadingFacts& facts,
                           std::span<const std::string> doubts) {
  std::string report = lines_of_inputs(recorded) + read_line(facts) + left_lines(recorded.left());
  Lines warnings;
  for (const ReadInput& input : recorded.inputs()) {
    for (const std::string& warning : warnings_of(input.reading)) {
      warnings.add(std::string("warning: ").append(input.path).append(": ").append(warning));
    }
  }
  report += warnings.text();
  for (const std::string& doubt : doubts) report.append("warning: ").append(doubt).append("\n");
  return report;
}

std::string reading_report(const std::string& path, const replay::Reading& reading) {
  Lines warnings;
  for (const std::string& warning : warnings_of(reading)) warnings.add("warning: " + warning);
  const LeftRows left{.without_position = reading.without_position, .not_visible = reading.not_visible};
  return line_of(path, reading) + "\n" + left_lines(left) + warnings.text();
}

double dropped_share(const RecordedFixes& recorded) {
  if (recorded.rows() == 0) return 0;
  return static_cast<double>(recorded.left().dropped()) / static_cast<double>(recorded.rows());
}

}  // namespace packwalk
