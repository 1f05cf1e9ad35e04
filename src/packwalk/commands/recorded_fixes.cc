#include "packwalk/commands/recorded_fixes.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/text.h"
#include "core/geo/ecef.h"

namespace packwalk {
namespace {

constexpr double same_second_m_max =
    50;  // no animal moves further in a second, and two fixes of one second rarely differ more

DeviceTime time_of(double seconds) { return device_time(static_cast<std::int64_t>(std::floor(seconds))); }

/// The devices of one file.
class FileDevices {
 public:
  RecordedDevice& of(std::string_view name) {
    if (last_ < devices_.size() && devices_[last_].name == name) return devices_[last_];
    const auto [found, is_new] = index_.try_emplace(std::string(name), devices_.size());
    if (is_new) devices_.push_back({found->first, {}, {}});
    last_ = found->second;
    return devices_[last_];
  }
  std::vector<RecordedDevice> take() { return std::move(devices_); }

 private:
  std::vector<RecordedDevice> devices_;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t last_ = 0;  // neighbouring rows mostly belong to one device
};

std::string invalid_position_text(const RawTrack& packet) {
  std::string text = "lat ";
  append_number(text, packet.latitude);
  text.append(", lon ");
  append_number(text, packet.longitude);
  constexpr double degrees_of_a_turn = 360;
  if (std::max(std::abs(packet.latitude), std::abs(packet.longitude)) > degrees_of_a_turn) {
    text.append("; convert metric coordinates to degrees (WGS 84)");
  }
  return text;
}

}  // namespace

Result<void> RecordedFixes::read(const std::vector<std::string>& files, const std::vector<std::string>& sleeps) {
  for (const std::string& file : files) ++files_of_name_[device_of_path(file)];
  for (const std::string& file : files) {
    if (auto done = read_fixes(file); !done) return done;
  }
  devices_ = told_.take(inputs_, notes_);
  for (RecordedDevice& device : devices_) cut(device);
  for (std::size_t i = 0; i < devices_.size(); ++i) index_.emplace(devices_[i].name, i);
  for (const std::string& file : sleeps) {
    if (auto done = read_sleeps(file); !done) return done;
  }
  return {};
}

/// Files of the same name in different folders belong to different devices.
std::string RecordedFixes::device_of_file(const std::string& path) const {
  std::string name = device_of_path(path);
  const auto found = files_of_name_.find(name);
  return found != files_of_name_.end() && found->second > 1 ? path : name;
}

template <class Take>
Result<std::vector<RecordedDevice>> RecordedFixes::read_file(const std::string& path, const replay::ReadRules& rules,
                                                             const Take& take) {
  const auto file = InputFile::open(path, digest_);
  if (!file) return fail(file.error().code, path + ": " + file.error().detail);
  ReadInput input{.path = path,
                  .file_device = rules.file_device,
                  .is_sleep = rules.only_sleep,
                  .bytes = file->bytes(),
                  .sha256 = file->sha256()};
  FileDevices devices;
  auto reading = replay::each_row(
      file->text(), rules,
      [&](std::string_view name, std::size_t line, const RawTrack& packet) {
        ++input.rows;
        take(devices.of(name), line, packet);
      },
      [&](const replay::UnreadableRow& row) {
        ++input.rows;
        ++input.unreadable;
        if (left_.unreadable++ == 0) left_.example = path + ", line " + std::to_string(row.line) + ": " + row.reason;
      });
  if (!reading) return fail(reading.error().code, path + ": " + reading.error().detail);
  input.reading = *std::move(reading);
  if (!file->warning().empty()) input.reading.warnings.push_back(file->warning());
  rows_ += input.rows;
  left_.without_position += input.reading.without_position;
  left_.not_visible += input.reading.not_visible;
  inputs_.push_back(std::move(input));
  return devices.take();
}

Result<void> RecordedFixes::read_fixes(const std::string& path) {
  replay::ReadRules rules = rules_;
  rules.file_device = device_of_file(path);
  const std::size_t invalid_before = left_.invalid;
  auto devices = read_file(path, rules, [&](RecordedDevice& device, std::size_t line, const RawTrack& packet) {
    const DeviceTime time = time_of(packet.seconds);
    const auto place = LatLon::from_degrees(packet.latitude, packet.longitude);
    if (!place || (packet.latitude == 0 && packet.longitude == 0)) {
      if (!is_in_range(time)) {
        ++left_.out_of_range;
      } else if (left_.invalid++ == 0) {
        left_.invalid_example = path + ", line " + std::to_string(line) + ": " + invalid_position_text(packet);
      }
      return;
    }
    const double accuracy = packet.accuracy.value_or(0);
    device.fixes.push_back({*place, accuracy > 0 ? MaybeMeters(accuracy) : MaybeMeters(), time});
  });
  if (!devices) return devices.failure();
  ReadInput& input = inputs_.back();
  if (input.rows - input.unreadable == left_.invalid - invalid_before) {
    files_without_fix_.push_back(path);
    input.reading.warnings.emplace_back("there is no fix in it");
  }
  told_.add(*std::move(devices), input, inputs_.size() - 1);
  return {};
}

replay::ReadRules RecordedFixes::rules_for_sleeps(const std::string& path) const {
  replay::ReadRules rules = rules_;
  rules.only_sleep = true;
  rules.file_device = device_of_path(path);
  if (!index_.contains(rules.file_device)) rules.file_device = devices_.size() == 1 ? devices_.front().name : "";
  return rules;
}

Result<void> RecordedFixes::read_sleeps(const std::string& path) {
  const replay::ReadRules rules = rules_for_sleeps(path);
  auto devices = read_file(path, rules, [](RecordedDevice& device, std::size_t /*line*/, const RawTrack& packet) {
    device.sleeps.push_back(time_of(packet.seconds));
  });
  if (!devices) return devices.failure();
  replay::Reading& reading = inputs_.back().reading;
  if (reading.device_from == replay::DeviceFrom::file && rules.file_device != device_of_path(path)) {
    reading.meanings.front() = "device = " + printable(rules.file_device) + ", the only one";
  }
  std::size_t unknown = 0;
  std::string example;
  for (RecordedDevice& told : *devices) {
    const auto found = index_.find(told.name);
    if (found == index_.end()) {
      unknown += told.sleeps.size();
      if (example.empty()) example = printable(told.name);
      continue;
    }
    std::vector<DeviceTime>& sleeps = devices_[found->second].sleeps;
    sleeps.insert(sleeps.end(), told.sleeps.begin(), told.sleeps.end());
  }
  if (unknown > 0) {
    reading.warnings.push_back(counted(static_cast<std::int64_t>(unknown), "sample", "samples") +
                               " of sleep for devices without a fix, such as " + example +
                               (unknown == 1 ? ", which has no effect" : ", which have no effect"));
  }
  return {};
}

bool RecordedFixes::is_in_range(DeviceTime time) const { return time >= range_.from && time < range_.until; }

void RecordedFixes::cut(RecordedDevice& device) {
  left_.out_of_range += std::erase_if(device.fixes, [this](const PathFix& fix) { return !is_in_range(fix.timestamp); });
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
