#include "replay/recording.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "replay/column_names.h"
#include "replay/csv_recording.h"
#include "replay/gpx_recording.h"
#include "replay/utf8_text.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t id_size_max = 64;

bool stands_in_id(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

std::string made_valid(std::string_view name) {
  std::string id(name.substr(0, id_size_max));
  std::replace_if(
      id.begin(), id.end(), [](char c) { return !stands_in_id(c); }, '_');
  return id.empty() ? "_" : id;
}

/// Ids that nobody has. No number is tried twice for one beginning, so that many equal names cost no more than others.
class FreeIds {
 public:
  void take(const std::string& id) { taken_.insert(id); }

  std::string take_like(const std::string& id) {
    std::string free = id;
    for (std::size_t digits = 1; taken_.contains(free);) {
      const std::string beginning = id.substr(0, id_size_max - 1 - digits) + "-";
      std::size_t& number =
          next_number_.try_emplace(std::string(digits, '0') + beginning, first_of(digits)).first->second;
      if (number == first_of(digits + 1)) {
        ++digits;
      } else {
        free = beginning + std::to_string(number++);
      }
    }
    take(free);
    return free;
  }

 private:
  /// 2, 10, 100, ..
  static std::size_t first_of(std::size_t digits) {
    std::size_t number = 1;
    for (std::size_t i = 1; i < digits; ++i) number *= 10;
    return digits == 1 ? 2 : number;
  }

  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::size_t> next_number_;  // by its digits and what stands before it
};

}  // namespace

std::vector<DeviceId> device_ids_of(const std::vector<std::string>& names) {
  FreeIds free_ids;
  for (const std::string& name : names) {
    if (DeviceId::from_text(name)) free_ids.take(name);
  }
  std::vector<DeviceId> ids;
  ids.reserve(names.size());
  for (const std::string& name : names) {
    if (auto id = DeviceId::from_text(name)) {
      ids.push_back(*std::move(id));
      continue;
    }
    ids.push_back(DeviceId::from_text(free_ids.take_like(made_valid(name))).value());
  }
  return ids;
}

Result<ColumnNames> columns_from(std::string_view text) {
  ColumnNames names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto column = column_from(pair.substr(0, equals));
    if (!column || equals + 1 >= pair.size()) {
      return fail(Errc::invalid_input,
                  std::string(pair) +
                      " is not device=, timestamp=, date=, clock=, lat=, lon=, altitude=, accuracy=, "
                      "hdop=, visible= or activity= and a name");
    }
    names[*column] = pair.substr(equals + 1);
  }
  return names;
}

std::vector<std::string> warnings_of(const Reading& reading) {
  std::vector<std::string> all = reading.warnings;
  if (!reading.device_warning.empty()) all.push_back(reading.device_warning);
  return all;
}

Result<Reading> each_row(std::string_view text, const ReadRules& rules, const TakeRow& take,
                         const TakeUnreadable& unreadable) {
  std::string converted;
  const std::string_view readable = utf8_text(text, converted);
  const std::size_t begin = readable.find_first_not_of(" \t\r\n");
  const bool is_xml = begin != std::string_view::npos && readable[begin] == '<';
  if (is_xml && rules.only_sleep) return fail(Errc::invalid_input, "samples of sleep are CSV, and this is XML");
  if (is_xml) return each_gpx_row(readable, rules, take, unreadable);
  if (!is_windows_1252(readable)) return each_csv_row(readable, rules, take, unreadable);
  auto reading = each_csv_row(from_windows_1252(readable), rules, take, unreadable);
  if (reading)
    reading->warnings.emplace_back("it is no UTF-8: letters beyond ASCII are read as Windows-1252 (Latin-1)");
  return reading;
}

Result<Recording> read_recording(std::string_view text, const ReadRules& rules) {
  Recording recording;
  std::unordered_map<std::string, std::size_t> device_of_name;
  const auto take = [&](std::string_view name, std::size_t line, const RawTrack& packet) {
    const auto [device, is_new] = device_of_name.try_emplace(std::string(name), recording.names.size());
    if (is_new) recording.names.emplace_back(name);
    recording.rows.push_back({device->second, line, packet});
  };
  const auto unreadable = [&](UnreadableRow row) { recording.unreadable.push_back(std::move(row)); };
  auto reading = each_row(text, rules, take, unreadable);
  if (!reading) return reading.failure();
  recording.reading = *std::move(reading);
  recording.devices = device_ids_of(recording.names);
  return recording;
}

}  // namespace packwalk::replay
