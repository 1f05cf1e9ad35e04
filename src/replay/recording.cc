#include "replay/recording.h"

#include <algorithm>
#include <set>
#include <unordered_map>
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

std::string made_free(const std::string& id, const std::set<std::string>& taken) {
  std::string free = id;
  for (int number = 2; taken.contains(free); ++number) {
    std::string suffix = std::to_string(number);
    free = id.substr(0, id_size_max - 1 - suffix.size()).append("-").append(suffix);
  }
  return free;
}

}  // namespace

std::vector<DeviceId> device_ids_of(const std::vector<std::string>& names) {
  std::set<std::string> taken;
  for (const std::string& name : names) {
    if (DeviceId::from_text(name)) taken.insert(name);
  }
  std::vector<DeviceId> ids;
  ids.reserve(names.size());
  for (const std::string& name : names) {
    if (auto id = DeviceId::from_text(name)) {
      ids.push_back(*std::move(id));
      continue;
    }
    const std::string free = made_free(made_valid(name), taken);
    taken.insert(free);
    ids.push_back(DeviceId::from_text(free).value());
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

Result<Reading> each_row(std::string_view text, const ReadRules& rules, const TakeRow& take,
                         const TakeUnreadable& unreadable) {
  std::string converted;
  const std::string_view readable = utf8_text(text, converted);
  const std::size_t begin = readable.find_first_not_of(" \t\r\n");
  const bool is_xml = begin != std::string_view::npos && readable[begin] == '<';
  return is_xml ? each_gpx_row(readable, rules, take, unreadable) : each_csv_row(readable, rules, take, unreadable);
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
  if (!reading) return tl::unexpected(std::move(reading.error()));
  recording.reading = *std::move(reading);
  recording.devices = device_ids_of(recording.names);
  return recording;
}

}  // namespace packwalk::replay
