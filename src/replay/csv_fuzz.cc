// Fuzzes the reader of CSV and of the rows in it.
#include <algorithm>
#include <cmath>
#include <string>

#include "base/fuzz.h"
#include "replay/csv_reader.h"
#include "replay/field_values.h"
#include "replay/recording.h"

namespace {

using namespace packwalk;
using namespace packwalk::replay;

void check_records(std::string_view text) {
  CsvReader reader(text);
  const auto ends =
      static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r'));
  std::size_t last_line = 0;
  while (reader.next()) {
    fuzz::require(reader.line() > last_line && reader.line() <= ends + 1, "records come line by line");
    last_line = reader.line();
    std::size_t size = 0;
    for (const std::string_view field : reader.fields()) size += field.size();
    fuzz::require(size > 0 && size <= text.size() + 1, "a record is a part of the text");
  }
  fuzz::require(!reader.next(), "the end stays the end");
}

void check_rows(std::string_view text, const ReadRules& rules) {
  std::size_t rows = 0;
  const auto reading = each_row(
      text, rules,
      [&](std::string_view device, std::size_t line, const RawTrack& packet) {
        ++rows;
        fuzz::require(!device.empty() && line > 0, "a row has a device and a line");
        fuzz::require(
            std::isfinite(packet.latitude) && std::isfinite(packet.longitude) && std::isfinite(packet.seconds),
            "numbers are finite");
        fuzz::require(std::isfinite(packet.altitude.value_or(0)) && std::isfinite(packet.accuracy.value_or(0)),
                      "lengths are finite or unknown");
      },
      [&](const UnreadableRow& row) {
        ++rows;
        fuzz::require(row.line > 0 && !row.reason.empty(), "a row that cannot be read has a line and a reason");
      });
  fuzz::require(reading.has_value() || !reading.error().detail.empty(), "a file that cannot be read is told why");
  const auto ends =
      static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r'));
  fuzz::require(rows <= ends + 1 || text.find('<') != std::string_view::npos, "no line is two rows");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::view(data, size);
  check_records(text);
  check_rows(text, {.file_device = "file"});
  check_rows(text, {.file_device = "file", .times = {.order = DateOrder::day_first}});
  check_rows(text, {.file_device = "file", .times = {.excel_days = true}, .only_sleep = true});
  return 0;
}
