#include "packwalk/recorded_fixes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/geo/ecef.h"
#include "packwalk/input_file.h"

namespace packwalk {
namespace {

constexpr std::size_t lines_shown_max = 50;
constexpr double same_second_m_max = 50;  // no animal runs as far in a second, and no fix is as wrong twice in one

void add_line(std::vector<std::string>& lines, std::string line) {
  if (lines.size() < lines_shown_max) return lines.push_back(std::move(line));
  if (lines.size() == lines_shown_max) lines.emplace_back("and so on");
}

DeviceTime time_of(double seconds) { return device_time(static_cast<std::int64_t>(std::floor(seconds))); }

}  // namespace

RecordedFixes::RecordedFixes(replay::ReadRules rules, const std::vector<std::string>& files)
    : rules_(std::move(rules)) {
  for (const std::string& file : files) ++files_of_name_[device_of_path(file)];
}

/// Files of equal names in different folders are of different devices.
std::string RecordedFixes::device_of_file(const std::string& path) const {
  std::string name = device_of_path(path);
  const auto found = files_of_name_.find(name);
  return found != files_of_name_.end() && found->second > 1 ? path : name;
}

template <class Take>
Result<void> RecordedFixes::read(const std::string& path, bool only_sleep, const Take& take) {
  const auto file = InputFile::open(path);
  if (!file) return fail(file.error().code, path + ": " + file.error().detail);
  replay::ReadRules rules = rules_;
  rules.only_sleep = only_sleep;
  rules.file_device = device_of_file(path);
  const auto reading = replay::each_row(
      file->text(), rules,
      [&](std::string_view name, std::size_t /*line*/, const RawTrack& packet) {
        ++rows_;
        take(device_of(name), packet);
      },
      [&](const replay::UnreadableRow& row) {
        ++rows_;
        if (left_.unreadable++ == 0) left_.example = path + ", line " + std::to_string(row.line) + ": " + row.reason;
      });
  if (!reading) return fail(reading.error().code, path + ": " + reading.error().detail);
  note(path, *reading);
  return {};
}

void RecordedFixes::note(const std::string& path, const replay::Reading& reading) {
  std::string line = path + ": " + reading.form;
  for (std::size_t i = 0; i < reading.meanings.size(); ++i)
    line.append(i == 0 ? ": " : ", ").append(reading.meanings[i]);
  add_line(readings_, std::move(line));
  for (const std::string& warning : reading.warnings)
    add_line(warnings_, std::string(path).append(": ").append(warning));
  left_.without_position += reading.without_position;
  left_.not_visible += reading.not_visible;
}

Result<void> RecordedFixes::read_fixes(const std::string& path) {
  return read(path, false, [this](RecordedDevice& device, const RawTrack& packet) {
    const auto place = LatLon::from_degrees(packet.latitude, packet.longitude);
    if (!place || (packet.latitude == 0 && packet.longitude == 0)) {
      ++left_.invalid;
      return;
    }
    const double accuracy = packet.accuracy.value_or(0);
    device.fixes.push_back({*place, accuracy > 0 ? MaybeMeters(accuracy) : MaybeMeters(), time_of(packet.seconds)});
  });
}

Result<void> RecordedFixes::read_sleeps(const std::string& path) {
  return read(path, true,
              [](RecordedDevice& device, const RawTrack& packet) { device.sleeps.push_back(time_of(packet.seconds)); });
}

RecordedDevice& RecordedFixes::device_of(std::string_view name) {
  if (last_ < devices_.size() && devices_[last_].name == name) return devices_[last_];
  const auto [found, is_new] = index_.try_emplace(std::string(name), devices_.size());
  if (is_new) devices_.push_back({found->first, {}, {}});
  last_ = found->second;
  return devices_[last_];
}

void RecordedFixes::put_in_order(RecordedDevice& device) {
  const auto earlier = [](const PathFix& a, const PathFix& b) { return a.timestamp < b.timestamp; };
  if (!std::is_sorted(device.fixes.begin(), device.fixes.end(), earlier)) {
    std::stable_sort(device.fixes.begin(), device.fixes.end(), earlier);
  }
  const auto end = std::unique(device.fixes.begin(), device.fixes.end(), [this](const PathFix& a, const PathFix& b) {
    if (a.timestamp != b.timestamp) return false;
    const bool is_near = a.position == b.position || chord(a.position, b.position) <= same_second_m_max;
    ++(is_near ? left_.same_second : left_.conflicting);
    return true;
  });
  device.fixes.erase(end, device.fixes.end());
  std::sort(device.sleeps.begin(), device.sleeps.end());
}

std::vector<RecordedDevice> RecordedFixes::take() {
  for (RecordedDevice& device : devices_) put_in_order(device);
  std::sort(devices_.begin(), devices_.end(),
            [](const RecordedDevice& a, const RecordedDevice& b) { return a.name < b.name; });
  return std::move(devices_);
}

}  // namespace packwalk
