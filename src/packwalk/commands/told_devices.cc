#include "packwalk/commands/told_devices.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "core/walk/near.h"

namespace packwalk {
namespace {

using replay::DeviceFrom;

void append(RecordedDevice& device, RecordedDevice&& more) {
  device.fixes.insert(device.fixes.end(), more.fixes.begin(), more.fixes.end());
  more.fixes = {};
}

/// The times of its recordings, without pauses.
void append_times(const RecordedDevice& device, std::vector<Seconds>& times) {
  constexpr Second pause = 600;
  std::vector<Second> all;
  all.reserve(device.fixes.size());
  for (const PathFix& fix : device.fixes) all.push_back(seconds_since_1970(fix.timestamp));
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0 && all[i] - all[i - 1] <= pause) {
      times.back().to = all[i];
    } else {
      times.push_back({all[i], all[i]});
    }
  }
}

}  // namespace

bool ToldDevices::Told::is_of_one_file() const { return from == DeviceFrom::file || from == DeviceFrom::track; }

void ToldDevices::add(std::vector<RecordedDevice> devices, const ReadInput& told, std::size_t input) {
  for (RecordedDevice& device : devices) {
    const bool is_unnamed = told.reading.device_from == DeviceFrom::track && device.name == told.file_device;
    Told one{{}, is_unnamed ? DeviceFrom::file : told.reading.device_from, input, input};
    // A path cannot contain a NUL.
    const std::string key = (one.is_of_one_file() ? told.path : std::string()) + '\0' + device.name;
    const auto [found, is_new] = index_.try_emplace(key, devices_.size());
    if (is_new) {
      one.device = std::move(device);
      devices_.push_back(std::move(one));
      continue;
    }
    Told& known = devices_[found->second];
    known.last_input = input;
    append(known.device, std::move(device));
  }
}

std::unordered_map<std::string, std::size_t> ToldDevices::names() const {
  std::unordered_map<std::string, std::size_t> counts;
  for (const Told& told : devices_) ++counts[told.device.name];
  return counts;
}

std::vector<RecordedDevice> ToldDevices::take(std::vector<ReadInput>& inputs, std::vector<std::string>& notes) {
  note_joined(notes);
  const auto counts = names();
  std::set<std::size_t> mixed;  // files with tracks that have the same names
  for (const Told& told : devices_) {
    if (told.from == DeviceFrom::track && counts.at(told.device.name) > 1) mixed.insert(told.input);
  }
  for (const std::size_t input : mixed) {
    if (are_never_at_once(input)) {
      join_tracks(inputs[input], input);
    } else {
      part_tracks(inputs[input], input);
    }
  }
  name_by_path(inputs);
  number_equal();
  std::vector<RecordedDevice> devices;
  devices.reserve(devices_.size());
  for (Told& told : devices_) devices.push_back(std::move(told.device));
  return devices;
}

void ToldDevices::note_joined(std::vector<std::string>& notes) const {
  constexpr std::size_t shown_max = 5;
  std::size_t count = 0;
  std::string shown;
  for (const Told& told : devices_) {
    if (told.is_of_one_file() || told.last_input == told.input) continue;
    if (++count <= shown_max) shown.append(count > 1 ? ", " : "").append(printable(told.device.name));
  }
  if (count == 0) return;
  notes.push_back("several files name the same devices: " + shown +
                  (count > shown_max ? " and " + std::to_string(count - shown_max) + " more" : ""));
}

bool ToldDevices::are_never_at_once(std::size_t input) const {
  std::vector<Seconds> times;
  for (const Told& told : devices_) {
    if (told.is_of_one_file() && told.input == input) append_times(told.device, times);
  }
  std::sort(times.begin(), times.end());
  const auto meets_next = [](const Seconds& one, const Seconds& next) { return next.from <= one.to; };
  return std::adjacent_find(times.begin(), times.end(), meets_next) == times.end();
}

void ToldDevices::join_tracks(ReadInput& input, std::size_t number) {
  const auto is_here = [&](const Told& told) { return told.is_of_one_file() && told.input == number; };
  const auto first = std::find_if(devices_.begin(), devices_.end(), is_here);
  first->from = DeviceFrom::file;
  first->device.name = input.file_device;
  const auto rest = std::next(first);
  std::for_each(rest, devices_.end(), [&](Told& told) {
    if (is_here(told)) append(first->device, std::move(told.device));
  });
  devices_.erase(std::remove_if(rest, devices_.end(), is_here), devices_.end());
  input.reading.meanings = {"device = " + printable(input.file_device) + ", by the file's name"};
  input.reading.device_warning =
      "other files have tracks of the same names. The tracks of this file never overlap in time, so all belong to one "
      "device, named after the file";
}

void ToldDevices::part_tracks(ReadInput& input, std::size_t number) {
  for (Told& told : devices_) {
    if (told.from == DeviceFrom::track && told.input == number) {
      told.device.name = input.file_device + ": " + told.device.name;
    }
  }
  input.reading.meanings = {"device = the file's and the track's name"};
  input.reading.device_warning =
      "other files have tracks of the same names. Each track of this file is read as a device of its own, " +
      printable(input.file_device) + ": NAME";
}

void ToldDevices::name_by_path(std::vector<ReadInput>& inputs) {
  const auto counts = names();
  for (Told& told : devices_) {
    if (told.from != DeviceFrom::file || counts.at(told.device.name) == 1) continue;
    ReadInput& input = inputs[told.input];
    told.device.name = input.path;
    input.reading.device_warning += input.reading.device_warning.empty() ? "" : "; ";
    input.reading.device_warning +=
        "other files have a device " + printable(input.file_device) +
        ", so the device of this file is named after its path (--device ID reads all as one device)";
  }
}

/// Renames devices that still share a name. Names from columns stay.
void ToldDevices::number_equal() {
  auto counts = names();
  for (Told& told : devices_) {
    if (!told.is_of_one_file()) continue;
    const std::string name = told.device.name;
    for (std::size_t number = 2; counts.at(told.device.name) > 1; ++number) {
      std::string other = name + " (" + std::to_string(number) + ")";
      if (!counts.try_emplace(other, 0).second) continue;
      --counts.at(told.device.name);
      counts.at(other) = 1;
      told.device.name = std::move(other);
    }
  }
}

}  // namespace packwalk
