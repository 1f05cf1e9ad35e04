#include "replay/csv_layout.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "replay/column_names.h"
#include "replay/csv_reader.h"
#include "replay/device_column.h"
#include "replay/field_values.h"
#include "replay/short_dates.h"
#include "replay/time_columns.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t sample_rows_max = 200;
constexpr std::size_t names_shown_max = 12;

using Fields = CsvSample::Fields;

Fields copied(const std::vector<std::string_view>& fields) { return {fields.begin(), fields.end()}; }

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
  explicit LayoutFinder(const ReadRules& rules) : rules_(rules) { layout_.columns.fill(nowhere); }

  Result<CsvLayout> find(std::string_view text) {
    CsvReader reader(text);
    const bool has_names = find_names(reader);
    if (!reader.trouble().empty()) return fail(Errc::invalid_input, reader.trouble());
    if (!has_names) return fail(Errc::invalid_input, "the file is empty");
    reader.skip_comments(layout_.marked_row_fields);
    while (sample_.rows.size() < sample_rows_max && reader.next()) sample_.rows.push_back(copied(reader.fields()));
    layout_.form = "CSV, separated by " + name_of_separator(reader.separator());
    if (auto named = find_named(); !named) return named.failure();
    find_usual();
    find_time();
    judge_clocks(reader);
    if (auto found = find_device(); !found) return found.failure();
    if (auto missing = missing_column(); !missing.empty()) return fail(Errc::invalid_input, std::move(missing));
    find_hemispheres();
    explain();
    layout_.bare_names = sample_.bare_names;
    return std::move(layout_);
  }

 private:
  std::size_t& index_of(Column column) { return layout_.columns[static_cast<std::size_t>(column)]; }

  /// The first record that is no comment; or a comment that names the columns.
  bool find_names(CsvReader& reader) {
    while (reader.next()) {
      ++layout_.records_before_rows;
      sample_.names = copied(reader.fields());
      layout_.names = sample_.names.size();
      std::string& first = sample_.names[0];
      const bool comment = first.starts_with('#');
      if (comment) first.erase(0, first.find_first_not_of("# \t"));
      sample_.bare_names.clear();
      for (const std::string& name : sample_.names) sample_.bare_names.push_back(bare_name(name));
      if (comment && !names_columns()) continue;
      const bool has_comments = comment || layout_.records_before_rows > 1;
      layout_.marked_row_fields = has_comments || begins_with_number() ? 0 : layout_.names;
      return true;
    }
    return false;
  }

  bool names_columns() const {
    const auto has = [&](Column column) {
      const auto named = rules_.columns.find(column);
      if (named != rules_.columns.end()) return column_named_as(named->second).has_value();
      return sample_.first_column_of(usual_names(column)).has_value();
    };
    const bool has_time = has(Column::timestamp) || has(Column::date) ||
                          std::any_of(sample_.bare_names.begin(), sample_.bare_names.end(), may_tell_time);
    return has_time && (rules_.only_sleep || (has(Column::lat) && has(Column::lon)));
  }

  /// Whether the first column is a time or a coordinate, so that none of its values begins with #.
  bool begins_with_number() const {
    for (const Column column : {Column::timestamp, Column::date, Column::clock, Column::lat, Column::lon}) {
      const auto named = rules_.columns.find(column);
      if (named != rules_.columns.end() && column_named_as(named->second) == 0U) return true;
      const auto usual = usual_names(column);
      if (std::find(usual.begin(), usual.end(), sample_.bare_names[0]) != usual.end()) return true;
    }
    return may_tell_time(sample_.bare_names[0]);
  }

  std::optional<std::size_t> column_named_as(const std::string& name) const {
    if (const auto column = CsvSample::column_of(name, sample_.names)) return column;
    return CsvSample::column_of(bare_name(name), sample_.bare_names);
  }

  Result<void> find_named() {
    for (const auto& [column, name] : rules_.columns) {
      const bool of_position = column >= Column::lat && column <= Column::visible;
      if (of_position && rules_.only_sleep) continue;
      const auto found = column_named_as(name);
      if (!found) return fail(Errc::invalid_input, "there is no column " + printable(name) + names_text());
      index_of(column) = *found;
    }
    return {};
  }

  void find_usual() {
    for (const Column column : {Column::lat, Column::lon, Column::altitude, Column::accuracy, Column::hdop,
                                Column::visible, Column::activity}) {
      if (layout_.has(column)) continue;
      index_of(column) = sample_.first_column_of(usual_names(column)).value_or(nowhere);
    }
    if (!layout_.has(Column::visible)) find_status();
    for (std::size_t i = 0; i < sample_.bare_names.size(); ++i) {
      if (sample_.bare_names[i].ends_with("marked_outlier")) layout_.outliers.push_back(i);
    }
    for (const auto& [column, axis] : {std::pair{Column::lat, 0U}, std::pair{Column::lon, 1U}}) {
      if (layout_.has(column) && sample_.bare_names[index_of(column)].ends_with("e7"))
        layout_.units_per_degree.at(axis) = 1e7;
    }
  }

  /// NMEA's A (active) and V (void), and words that mean as much, where nothing else stands in that column.
  void find_status() {
    constexpr std::array<std::string_view, 12> words = {"a",   "v",      "active", "void", "valid", "invalid",
                                                        "fix", "no fix", "nofix",  "2d",   "3d",    "dgps"};
    for (const std::string_view name : doubtful_visible_names()) {
      const auto found = CsvSample::column_of(name, sample_.bare_names);
      if (!found || sample_.first_told(*found).empty()) continue;
      const bool all = std::all_of(sample_.rows.begin(), sample_.rows.end(), [&](const Fields& row) {
        return !CsvSample::tells(row, *found) ||
               std::find(words.begin(), words.end(), lower_case(row[*found])) != words.end();
      });
      if (!all) continue;
      index_of(Column::visible) = *found;
      return;
    }
  }

  void find_time() {
    const TimeColumns found = time_columns_of(
        sample_, rules_.times,
        {layout_.index_of(Column::timestamp), layout_.index_of(Column::date), layout_.index_of(Column::clock)});
    index_of(Column::timestamp) = found.timestamp;
    index_of(Column::date) = found.timestamp == nowhere ? found.date : nowhere;
    index_of(Column::clock) = found.timestamp == nowhere ? found.clock : nowhere;
    if (!layout_.has(Column::date) || rules_.times.excel_days) return;
    const auto dates = short_dates_of(sample_, index_of(Column::date), rules_);
    if (!dates) return;
    layout_.order_of_short_dates = dates->order;
    if (!dates->warning.empty()) layout_.warnings.push_back(dates->warning);
  }

  /// Finds out what clocks of four digits are. `reader` stands behind the sample.
  void judge_clocks(CsvReader& reader) {
    const std::size_t column = layout_.index_of(Column::clock);
    if (column == nowhere) return;
    ClockDigits digits;
    const auto add = [&](const auto& row) {
      const bool may_be_cut = column + 1 == row.size() && row.size() < layout_.names;
      if (column < row.size() && !may_be_cut) digits.add(row[column]);
    };
    for (const Fields& row : sample_.rows) add(row);
    if (digits.only_to_the_second()) return;  // without a second look at a large file
    while (reader.next()) add(reader.fields());
    layout_.clock_to_the_minute = digits.to_the_minute();
    if (!digits.is_doubtful()) return;
    layout_.warnings.push_back(
        "some clocks of " + printable(sample_.names[column]) + " have four digits and some have not; 1005 is read as " +
        (layout_.clock_to_the_minute ? "10:05, hours and minutes" : "00:10:05, without its zeros"));
  }

  Result<void> find_device() {
    if (!layout_.has(Column::device)) index_of(Column::device) = device_column_of(sample_, layout_.warnings);
    if (layout_.has(Column::device) && !rules_.device.empty()) {
      return fail(Errc::invalid_input, "--device is for files without a device column, but this file has one: " +
                                           printable(sample_.names[index_of(Column::device)]));
    }
    if (layout_.has(Column::device) || !rules_.device.empty() || !rules_.file_device.empty()) return {};
    return fail(
        Errc::invalid_input,
        "there is no column for the device. Name it with --columns device=NAME, or give --device ID" + names_text());
  }

  /// A sentence, or nothing.
  std::string missing_column() const {
    for (const Column column : {Column::timestamp, Column::lat, Column::lon}) {
      if (layout_.has(column) || (rules_.only_sleep && column != Column::timestamp)) continue;
      if (column == Column::timestamp && layout_.has(Column::date) && layout_.has(Column::clock)) continue;
      const auto is_number = [](const std::string& name) { return finite_number_from(name).has_value(); };
      if (std::any_of(sample_.names.begin(), sample_.names.end(), is_number)) {
        return "its first line has no column names. Add a header" + names_text();
      }
      return "there is no column for the " + std::string(name_of(column)) + ". Name it with --columns " +
             std::string(name_of(column)) + "=NAME" + names_text();
    }
    return "";
  }

  std::string names_text() const {
    std::string text = " (its columns: ";
    for (std::size_t i = 0; i < sample_.names.size() && i < names_shown_max; ++i) {
      text.append(i > 0 ? ", " : "").append(printable(sample_.names[i]));
    }
    return text + (sample_.names.size() > names_shown_max ? ", ..)" : ")");
  }

  /// Loggers write N or S into a column of its own, right of the degrees. It is empty where the receiver had no fix,
  /// and missing where the last row is cut.
  void find_hemispheres() {
    for (const auto& [column, axis] :
         {std::pair{Column::lat, Axis::latitude}, std::pair{Column::lon, Axis::longitude}}) {
      if (!layout_.has(column)) continue;
      const std::size_t beside = index_of(column) + 1;
      const auto is_silent = [&](const Fields& fields) {
        return beside >= fields.size() || is_missing(fields[beside]) || is_missing(fields[beside - 1]);
      };
      const auto tells = [&, axis = axis](const Fields& fields) {
        return !is_silent(fields) && hemisphere_from(fields[beside], axis).has_value();
      };
      const bool all = std::all_of(sample_.rows.begin(), sample_.rows.end(),
                                   [&](const Fields& fields) { return is_silent(fields) || tells(fields); });
      if (all && std::any_of(sample_.rows.begin(), sample_.rows.end(), tells))
        layout_.hemispheres.at(static_cast<std::size_t>(axis)) = beside;
    }
  }

  void explain() {
    std::string& device = layout_.meanings.emplace_back("device = ");
    if (layout_.has(Column::device)) {
      device += printable(sample_.names[index_of(Column::device)]);
    } else {
      device +=
          rules_.device.empty() ? printable(rules_.file_device) + ", by the file's name" : printable(rules_.device);
    }
    layout_.meanings.push_back("timestamp = " + meaning_of_time());
    for (const Column column :
         {Column::lat, Column::lon, Column::altitude, Column::accuracy, Column::hdop, Column::visible}) {
      if (!layout_.has(column) || rules_.only_sleep) continue;
      if (column == Column::hdop && layout_.has(Column::accuracy)) continue;
      layout_.meanings.push_back(std::string(name_of(column)) + " = " + printable(sample_.names[index_of(column)]));
    }
    if (rules_.only_sleep) return;
    for (const std::size_t column : layout_.outliers) {
      layout_.meanings.push_back("outlier = " + printable(sample_.names[column]));
    }
  }

  std::string meaning_of_time() {
    if (layout_.has(Column::date)) {
      return printable(sample_.names[index_of(Column::date)]) + " and " +
             printable(sample_.names[index_of(Column::clock)]) +
             (layout_.clock_to_the_minute ? " (hours and minutes)" : "");
    }
    const std::size_t column = index_of(Column::timestamp);
    std::string meaning = printable(sample_.names[column]);
    const std::string_view first = sample_.first_told(column);
    if (!rules_.times.excel_days && time_from_fourteen_digits(first)) return meaning.append(" (yyyymmddhhmmss)");
    if (const auto number = finite_number_from(first)) {
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
  CsvSample sample_;
};

}  // namespace

Result<CsvLayout> csv_layout_of(std::string_view text, const ReadRules& rules) {
  return LayoutFinder(rules).find(text);
}

}  // namespace packwalk::replay
