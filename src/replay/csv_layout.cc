#include "replay/csv_layout.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "replay/column_names.h"
#include "replay/csv_reader.h"
#include "replay/field_values.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t sample_rows_max = 200;
constexpr std::size_t names_shown_max = 12;

using Fields = std::vector<std::string>;

Fields copied(const std::vector<std::string_view>& fields) { return {fields.begin(), fields.end()}; }

std::optional<std::size_t> place_of(std::string_view name, const Fields& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

std::optional<std::size_t> first_place_of(std::span<const std::string_view> usual, const Fields& names) {
  for (const std::string_view name : usual) {
    if (const auto place = place_of(name, names)) return place;
  }
  return std::nullopt;
}

std::string name_of_separator(char separator) {
  switch (separator) {
    case ',':
      return "commas";
    case ';':
      return "semicolons";
    case '\t':
      return "tabs";
    default:
      return {separator};
  }
}

class LayoutFinder {
 public:
  explicit LayoutFinder(const ReadRules& rules) : rules_(rules) { layout_.places.fill(nowhere); }

  Result<CsvLayout> find(std::string_view text) {
    CsvReader reader(text);
    if (!find_names(reader)) return fail(Errc::invalid_input, "the file is empty");
    reader.skip_comments();
    while (sample_.size() < sample_rows_max && reader.next()) sample_.push_back(copied(reader.fields()));
    layout_.form = "CSV, separated by " + name_of_separator(reader.separator());
    if (auto named = place_named(); !named) return tl::unexpected(std::move(named.error()));
    place_usual();
    place_time();
    if (auto placed = place_device(); !placed) return tl::unexpected(std::move(placed.error()));
    if (auto missing = missing_column(); !missing.empty()) return fail(Errc::invalid_input, std::move(missing));
    place_hemispheres();
    explain();
    return std::move(layout_);
  }

 private:
  std::size_t& place(Column column) { return layout_.places[static_cast<std::size_t>(column)]; }

  /// The first record that is no comment; or a comment that names the columns.
  bool find_names(CsvReader& reader) {
    while (reader.next()) {
      ++layout_.records_before_rows;
      names_ = copied(reader.fields());
      layout_.names = names_.size();
      const bool comment = names_[0].starts_with('#');
      if (comment) names_[0].erase(0, names_[0].find_first_not_of("# \t"));
      bare_names_.clear();
      for (const std::string& name : names_) bare_names_.push_back(bare_name(name));
      if (!comment || names_columns()) return true;
    }
    return false;
  }
  bool names_columns() const {
    const auto has = [&](Column column) { return first_place_of(usual_names(column), bare_names_).has_value(); };
    const bool has_time = has(Column::timestamp) || has(Column::date) ||
                          first_place_of(clock_or_timestamp_names(), bare_names_).has_value();
    return has_time && (rules_.only_sleep || (has(Column::lat) && has(Column::lon)));
  }

  Result<void> place_named() {
    for (const auto& [column, name] : rules_.columns) {
      const bool of_position = column >= Column::lat && column <= Column::visible;
      if (of_position && rules_.only_sleep) continue;
      auto found = place_of(name, names_);
      if (!found) found = place_of(bare_name(name), bare_names_);
      if (!found) return fail(Errc::invalid_input, "there is no column " + printable(name) + names_text());
      place(column) = *found;
    }
    return {};
  }

  void place_usual() {
    for (const Column column : {Column::lat, Column::lon, Column::altitude, Column::accuracy, Column::hdop,
                                Column::visible, Column::activity}) {
      if (layout_.has(column)) continue;
      place(column) = first_place_of(usual_names(column), bare_names_).value_or(nowhere);
    }
    for (const auto& [column, axis] : {std::pair{Column::lat, 0U}, std::pair{Column::lon, 1U}}) {
      if (layout_.has(column) && bare_names_[place(column)].ends_with("e7")) layout_.units_per_degree.at(axis) = 1e7;
    }
  }

  void place_time() {
    if (layout_.has(Column::timestamp)) return;
    const bool named = layout_.has(Column::date) || layout_.has(Column::clock);
    if (!named)
      place(Column::timestamp) = first_place_of(usual_names(Column::timestamp), bare_names_).value_or(nowhere);
    if (layout_.has(Column::timestamp)) return;
    const auto date = first_place_of(usual_names(Column::date), bare_names_);
    auto clock = first_place_of(usual_names(Column::clock), bare_names_);
    if (!clock) clock = first_place_of(clock_or_timestamp_names(), bare_names_);
    if (!layout_.has(Column::date)) place(Column::date) = date.value_or(nowhere);
    if (!layout_.has(Column::clock)) place(Column::clock) = clock.value_or(nowhere);
    if (layout_.has(Column::date) && layout_.has(Column::clock) && (named || !is_whole_time(*clock))) return;
    // One of them has both the date and the clock.
    place(Column::timestamp) = layout_.has(Column::clock) ? place(Column::clock) : place(Column::date);
    place(Column::date) = place(Column::clock) = nowhere;
  }

  /// In the first row in which anything stands.
  bool is_whole_time(std::size_t column) const {
    constexpr double least = 1e8;  // 100005 is a clock
    for (const Fields& fields : sample_) {
      if (column >= fields.size() || is_missing(fields[column])) continue;
      const auto number = finite_number_from(fields[column]);
      return number ? *number >= least : time_from_text(fields[column], rules_.times).has_value();
    }
    return false;
  }

  Result<void> place_device() {
    if (!layout_.has(Column::device)) place_usual_device();
    if (!layout_.has(Column::device)) place_doubtful_device();
    if (layout_.has(Column::device) && !rules_.device.empty()) {
      return fail(Errc::invalid_input, "--device is for files without a column of devices, and here is one: " +
                                           printable(names_[place(Column::device)]));
    }
    if (layout_.has(Column::device) || !rules_.device.empty() || !rules_.file_device.empty()) return {};
    return fail(Errc::invalid_input,
                "no column tells the device: name it with --columns device=NAME, or give --device ID" + names_text());
  }

  /// The first that is told in some row, or, where none is, the first.
  void place_usual_device() {
    for (const std::string_view name : usual_names(Column::device)) {
      const auto found = place_of(name, bare_names_);
      if (!found) continue;
      const auto tells = [&](const Fields& fields) { return *found < fields.size() && !is_missing(fields[*found]); };
      const bool told = std::any_of(sample_.begin(), sample_.end(), tells);
      if (told || !layout_.has(Column::device)) place(Column::device) = *found;
      if (told) return;
    }
  }

  void place_doubtful_device() {
    for (const std::string_view name : doubtful_device_names()) {
      const auto found = place_of(name, bare_names_);
      if (!found) continue;
      if (!names_no_device(*found)) {
        place(Column::device) = *found;
        return;
      }
      layout_.warnings.push_back(
          "the column " + printable(names_[*found]) +
          " is another one in each row, or empty in some, so it is not taken for the device (--columns device=" +
          printable(names_[*found]) + " takes it)");
    }
  }

  /// Whether each row has another value, or some have none. Two rows tell nothing yet, unless they are counted.
  bool names_no_device(std::size_t column) const {
    const auto has_none = [&](const Fields& fields) { return column >= fields.size() || is_missing(fields[column]); };
    if (std::any_of(sample_.begin(), sample_.end(), has_none)) return true;
    std::set<std::string_view> met;
    std::optional<std::int64_t> last;
    bool counted = true;
    for (const Fields& fields : sample_) {
      if (!met.insert(fields[column]).second) return false;
      const auto number = number_from<std::int64_t>(fields[column]);
      counted = counted && number && (!last || *number == *last + 1);
      last = number;
    }
    return met.size() > 2 || (met.size() == 2 && counted);
  }

  /// A sentence, or nothing.
  std::string missing_column() const {
    for (const Column column : {Column::timestamp, Column::lat, Column::lon}) {
      if (layout_.has(column) || (rules_.only_sleep && column != Column::timestamp)) continue;
      if (column == Column::timestamp && layout_.has(Column::date) && layout_.has(Column::clock)) continue;
      const auto is_number = [](const std::string& name) { return finite_number_from(name).has_value(); };
      if (std::any_of(names_.begin(), names_.end(), is_number)) {
        return "its first line names no columns: is the header missing?" + names_text();
      }
      return "no column tells the " + std::string(name_of(column)) + ": name it with --columns " +
             std::string(name_of(column)) + "=NAME" + names_text();
    }
    return "";
  }

  std::string names_text() const {
    std::string text = " (its columns: ";
    for (std::size_t i = 0; i < names_.size() && i < names_shown_max; ++i) {
      text.append(i > 0 ? ", " : "").append(printable(names_[i]));
    }
    return text + (names_.size() > names_shown_max ? ", ..)" : ")");
  }

  /// Loggers write N or S into a column of its own, right of the degrees. It is empty where the receiver had no fix,
  /// and missing where the last row is cut.
  void place_hemispheres() {
    for (const auto& [column, axis] :
         {std::pair{Column::lat, Axis::latitude}, std::pair{Column::lon, Axis::longitude}}) {
      if (!layout_.has(column)) continue;
      const std::size_t beside = place(column) + 1;
      const auto is_silent = [&](const Fields& fields) {
        return beside >= fields.size() || is_missing(fields[beside]) || is_missing(fields[beside - 1]);
      };
      const auto tells = [&, axis = axis](const Fields& fields) {
        return !is_silent(fields) && hemisphere_from(fields[beside], axis).has_value();
      };
      const bool all = std::all_of(sample_.begin(), sample_.end(),
                                   [&](const Fields& fields) { return is_silent(fields) || tells(fields); });
      if (all && std::any_of(sample_.begin(), sample_.end(), tells))
        layout_.hemispheres.at(static_cast<std::size_t>(axis)) = beside;
    }
  }

  void explain() {
    std::string& device = layout_.meanings.emplace_back("device = ");
    if (layout_.has(Column::device)) {
      device += printable(names_[place(Column::device)]);
    } else {
      device +=
          rules_.device.empty() ? printable(rules_.file_device) + ", by the file's name" : printable(rules_.device);
    }
    layout_.meanings.push_back("timestamp = " + meaning_of_time());
    for (const Column column :
         {Column::lat, Column::lon, Column::altitude, Column::accuracy, Column::hdop, Column::visible}) {
      if (!layout_.has(column) || rules_.only_sleep) continue;
      if (column == Column::hdop && layout_.has(Column::accuracy)) continue;
      layout_.meanings.push_back(std::string(name_of(column)) + " = " + printable(names_[place(column)]));
    }
  }

  std::string meaning_of_time() {
    if (layout_.has(Column::date)) {
      return printable(names_[place(Column::date)]) + " and " + printable(names_[place(Column::clock)]);
    }
    const std::size_t column = place(Column::timestamp);
    std::string meaning = printable(names_[column]);
    for (const Fields& fields : sample_) {
      if (column >= fields.size() || is_missing(fields[column])) continue;
      const auto number = finite_number_from(fields[column]);
      if (!number) break;
      const std::string_view unit = rules_.times.excel_days ? "Excel's days" : packwalk::name_of(unit_of(*number));
      if (!rules_.times.excel_days && unit_of(*number) != TimeUnit::seconds) {
        std::string& warning = layout_.warnings.emplace_back("the numbers of ");
        warning.append(meaning).append(" are read as ").append(unit).append(", by their size");
      }
      return meaning.append(" (").append(unit).append(")");
    }
    return meaning;
  }

  const ReadRules& rules_;
  CsvLayout layout_;
  Fields names_;
  Fields bare_names_;
  std::vector<Fields> sample_;
};

}  // namespace

Result<CsvLayout> csv_layout_of(std::string_view text, const ReadRules& rules) {
  return LayoutFinder(rules).find(text);
}

}  // namespace packwalk::replay
