#include "packwalk/commands/ids_file.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "packwalk/commands/input.h"

namespace packwalk {
namespace {

constexpr std::size_t line_bytes_max = 66;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct IdLine {
  std::string_view id;
  std::size_t number;  // the first line is 1
};

/// Whether the line is a heading above ids.
bool is_heading(std::string_view word) {
  constexpr std::array<std::string_view, 6> headings = {"id", "ids", "device", "devices", "device_id", "device id"};
  return std::find(headings.begin(), headings.end(), lower_case(word)) != headings.end();
}

std::vector<IdLine> lines_of(std::string_view text) {
  std::vector<IdLine> lines;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = trimmed(next_line(text, at));
    const std::string_view id = trimmed(line.substr(0, line.find(',')));
    ++number;
    if (!id.empty()) lines.push_back({id, number});
  }
  if (!lines.empty() && is_heading(lines.front().id)) lines.erase(lines.begin());
  return lines;
}

}  // namespace

Result<std::vector<std::string>> ids_in(const std::string& path, std::size_t devices_max) {
  const auto text = read_input(path, devices_max * line_bytes_max);
  if (!text) return text.failure();
  std::vector<IdLine> lines = lines_of(*text);
  if (lines.empty()) return fail(Errc::corrupt, path + " contains no device id. Write one id per line");
  std::vector<std::string> ids;
  ids.reserve(lines.size());
  for (const IdLine& line : lines) ids.emplace_back(line.id);
  std::stable_sort(lines.begin(), lines.end(), [](const IdLine& a, const IdLine& b) { return a.id < b.id; });
  const auto twice =
      std::adjacent_find(lines.begin(), lines.end(), [](const IdLine& a, const IdLine& b) { return a.id == b.id; });
  if (twice != lines.end()) {
    return fail(Errc::corrupt, path + " has " + printable(twice->id) + " twice, in lines " +
                                   std::to_string(twice->number) + " and " + std::to_string((twice + 1)->number));
  }
  return ids;
}

}  // namespace packwalk
