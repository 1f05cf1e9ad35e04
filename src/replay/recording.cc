#include "replay/recording.h"

#include <unordered_map>
#include <utility>

#include "replay/csv_recording.h"
#include "replay/device_names.h"
#include "replay/gpx_recording.h"
#include "replay/utf8_text.h"

namespace packwalk::replay {

Result<Reading> each_row(std::string_view text, const ReadRules& rules, const TakeRow& take,
                         const TakeUnreadable& unreadable) {
  std::string converted;
  const std::string_view readable = utf8_text(text, converted);
  const std::size_t begin = readable.find_first_not_of(" \t\r\n");
  const bool is_xml = begin != std::string_view::npos && readable[begin] == '<';
  if (is_xml && rules.only_sleep)
    return fail(Errc::invalid_input, "samples of sleep must be CSV, but this file is XML");
  if (is_xml) return each_gpx_row(readable, rules, take, unreadable);
  if (!is_windows_1252(readable)) return each_csv_row(readable, rules, take, unreadable);
  auto reading = each_csv_row(from_windows_1252(readable), rules, take, unreadable);
  if (reading) reading->warnings.emplace_back("it is not UTF-8. Non-ASCII letters are read as Windows-1252 (Latin-1)");
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
