#include "replay/csv_recording.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "replay/column_names.h"
#include "replay/csv_layout.h"
#include "replay/csv_reader.h"
#include "replay/field_values.h"
#include "replay/visibility.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t open_quotes_shown = 3;
constexpr const char* other_header =
    " is another header, with other columns or another order. Give the files separately instead of joined";

/// An activity by its name or number.
std::optional<Activity> activity_in(std::string_view field) {
  if (const auto number = finite_number_from(field)) return activity_from_number(*number);
  return activity_from_name(field);
}

std::string cannot_be_read(std::string_view name, std::string_view field) {
  if (is_missing(field)) return std::string(name) + " is missing";
  return std::string(name) + " cannot be read: " + printable(field);
}

class RowReader {
 public:
  RowReader(const CsvLayout& layout, const ReadRules& rules, const TakeRow& take, const TakeUnreadable& unreadable,
            Reading& reading)
      : layout_(layout), rules_(rules), take_(take), unreadable_(unreadable), reading_(reading), times_(rules.times) {
    times_.clock_to_the_minute = layout.clock_to_the_minute;
    times_.of_six_digits = layout.order_of_short_dates;
  }

  void read(const std::vector<std::string_view>& fields, std::size_t line) {
    fields_ = &fields;
    line_ = line;
    // A decimal comma that is not quoted moves all values behind it to the next column.
    for (std::size_t i = layout_.names; i < fields.size(); ++i) {
      if (!fields[i].empty()) return complain("the row has more values than there are columns");
    }
    RawTrack packet;
    if (!read_time(packet.seconds)) return;
    if (rules_.only_sleep ? !is_sleep() : !read_position(packet)) return;
    const std::string_view own = rules_.device.empty() ? rules_.file_device : rules_.device;
    const std::string_view device = layout_.has(Column::device) ? field(Column::device) : own;
    if (is_missing(device)) return complain("device is missing");
    take_(device, line_, packet);
  }

  std::size_t wrapped_longitudes() const { return wrapped_longitudes_; }
  bool met_west() const { return met_west_; }
  /// Why no further row can be read; or empty.
  const std::string& trouble() const { return trouble_; }
  /// About words of the recorder that are not understood; or empty.
  std::string warning_of_words() const {
    if (not_understood_ == 0) return "";
    return "visible is not understood in " + counted(static_cast<std::int64_t>(not_understood_), "row") + ", such as " +
           word_ + ", and is read as empty";
  }

 private:
  /// Nothing where the file has no such column or the row is too short.
  std::string_view at(std::size_t column) const {
    return column < fields_->size() ? (*fields_)[column] : std::string_view();
  }
  std::string_view field(Column column) const { return at(layout_.index_of(column)); }

  void complain(std::string reason) { unreadable_({line_, std::move(reason)}); }

  bool read_time(double& seconds) {
    const bool joined = layout_.has(Column::date);
    const auto time =
        joined ? time_in(field(Column::date), field(Column::clock), times_) : time_in(field(Column::timestamp), times_);
    if (time) {
      seconds = static_cast<double>(seconds_since_1970(*time));
      return true;
    }
    if (is_other_header()) trouble_ = "line " + std::to_string(line_) + other_header;
    complain(
        (joined ? cannot_be_read("timestamp", std::string(field(Column::date)).append(" ").append(field(Column::clock)))
                : cannot_be_read("timestamp", field(Column::timestamp))) +
        hint_of_order(joined));
    return false;
  }

  /// Of a date that does not say what is its day.
  std::string hint_of_order(bool joined) const {
    if (times_.order != DateOrder::unknown) return "";
    const auto reads = [&](DateOrder order) {
      TimeSpelling spelling = times_;
      spelling.order = order;
      return joined ? time_in(field(Column::date), field(Column::clock), spelling).has_value()
                    : time_in(field(Column::timestamp), spelling).has_value();
    };
    const bool as_day = reads(DateOrder::day_first);
    const bool as_month = reads(DateOrder::month_first);
    if (as_day && as_month) return " (give --day-first or --month-first)";
    return as_day ? " (give --day-first)" : as_month ? " (give --month-first)" : "";
  }

  /// Whether the row names the columns once more, and not as the header does: of the next one of several files that
  /// were joined.
  bool is_other_header() const {
    std::vector<std::string> names;
    names.reserve(fields_->size());
    for (const std::string_view each : *fields_) names.push_back(bare_name(each));
    if (names == layout_.bare_names) return false;
    const auto has = [&](Column column) {
      if (!layout_.has(column)) return false;
      const auto usual = usual_names(column);
      return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return name == layout_.bare_names[layout_.index_of(column)] ||
               std::find(usual.begin(), usual.end(), name) != usual.end();
      });
    };
    return has(Column::lat) && has(Column::lon);
  }

  bool is_sleep() {
    if (!layout_.has(Column::activity)) return true;
    const auto activity = activity_in(field(Column::activity));
    if (!activity) complain("activity cannot be read: " + printable(field(Column::activity)));
    return activity == Activity::sleep;
  }

  bool read_position(RawTrack& packet) {
    if (!is_believed()) {
      ++reading_.not_visible;
      return false;
    }
    const auto latitude = degrees(Column::lat, Axis::latitude);
    const auto longitude = degrees(Column::lon, Axis::longitude);
    if (!latitude || !longitude) {
      no_position(latitude.has_value(), longitude.has_value());
      return false;
    }
    packet.latitude = *latitude;
    packet.longitude = short_way_round(*longitude);
    if (layout_.has(Column::altitude)) packet.altitude = meters_from(field(Column::altitude));
    if (layout_.has(Column::accuracy)) {
      packet.accuracy = meters_from(field(Column::accuracy));
    } else if (layout_.has(Column::hdop)) {
      packet.accuracy = accuracy_of_hdop(field(Column::hdop));
    }
    return true;
  }

  /// Whether the recorder believes the row: as its word says, else unless somebody marked it as an outlier.
  bool is_believed() {
    if (layout_.has(Column::visible)) {
      const Visibility visibility = visibility_from(field(Column::visible));
      if (visibility == Visibility::visible) return true;
      if (visibility == Visibility::not_visible) return false;
      if (visibility == Visibility::not_understood && not_understood_++ == 0) word_ = printable(field(Column::visible));
    }
    return std::none_of(layout_.outliers.begin(), layout_.outliers.end(), [this](std::size_t column) {
      return visibility_from(at(column)) == Visibility::visible;  // a yes
    });
  }

  std::optional<double> degrees(Column column, Axis axis) const {
    const auto index = static_cast<std::size_t>(axis);
    const auto told = degrees_from(field(column), axis);
    if (!told) return std::nullopt;
    const double value = *told / layout_.units_per_degree.at(index);
    if (layout_.hemispheres.at(index) == nowhere) return value;
    const auto hemisphere = hemisphere_from(at(layout_.hemispheres.at(index)), axis);
    if (!hemisphere || value < 0) return std::nullopt;
    return value * *hemisphere;
  }

  void no_position(bool has_latitude, bool has_longitude) {
    if (is_missing(field(Column::lat)) && is_missing(field(Column::lon))) {
      ++reading_.without_position;
    } else {
      const Column column = has_latitude && !has_longitude ? Column::lon : Column::lat;
      complain(cannot_be_read(name_of(column), field(column)));
    }
  }

  double short_way_round(double longitude) {
    met_west_ |= longitude < 0;
    if (!(longitude > 180 && longitude <= 360)) return longitude;
    ++wrapped_longitudes_;
    return longitude - 360;
  }

  const CsvLayout& layout_;
  const ReadRules& rules_;
  const TakeRow& take_;
  const TakeUnreadable& unreadable_;
  Reading& reading_;
  TimeSpelling times_;
  const std::vector<std::string_view>* fields_ = nullptr;
  std::size_t line_ = 0;
  std::string trouble_;
  std::size_t wrapped_longitudes_ = 0;
  std::size_t not_understood_ = 0;
  std::string word_;  // the first that is not understood
  bool met_west_ = false;
};

void warn_of_open_quotes(const std::vector<std::size_t>& lines, Reading& reading) {
  for (std::size_t i = 0; i < std::min(lines.size(), open_quotes_shown); ++i) {
    reading.warnings.push_back("line " + std::to_string(lines[i]) + ": a quote is not closed, so it is ignored");
  }
  if (lines.size() > open_quotes_shown) {
    const auto more = static_cast<std::int64_t>(lines.size() - open_quotes_shown);
    reading.warnings.push_back("so are quotes of " + counted(more, "more line"));
  }
}

}  // namespace

Result<Reading> each_csv_row(std::string_view text, const ReadRules& rules, const TakeRow& take,
                             const TakeUnreadable& unreadable) {
  auto layout = csv_layout_of(text, rules);
  if (!layout) return layout.failure();
  Reading reading{.form = layout->form, .meanings = layout->meanings, .warnings = layout->warnings};
  if (!layout->has(Column::device)) reading.device_from = rules.device.empty() ? DeviceFrom::file : DeviceFrom::flag;
  CsvReader reader(text);
  for (std::size_t i = 0; i < layout->records_before_rows; ++i) reader.next();
  reader.skip_comments(layout->marked_row_fields);
  RowReader rows(*layout, rules, take, unreadable, reading);
  while (rows.trouble().empty() && reader.next()) rows.read(reader.fields(), reader.line());
  if (!rows.trouble().empty()) return fail(Errc::invalid_input, rows.trouble());
  if (!reader.trouble().empty()) return fail(Errc::invalid_input, reader.trouble());
  const std::size_t comments = reader.comments() + layout->records_before_rows - 1;
  if (comments > 0) reading.form += ", " + counted(static_cast<std::int64_t>(comments), "line") + " of comments";
  warn_of_open_quotes(reader.open_quotes(), reading);
  if (std::string warning = rows.warning_of_words(); !warning.empty()) reading.warnings.push_back(std::move(warning));
  if (rows.wrapped_longitudes() > 0) {
    const auto wrapped = static_cast<std::int64_t>(rows.wrapped_longitudes());
    reading.warnings.push_back(counted(wrapped, "longitude over 180 is", "longitudes over 180 are") +
                               " read as west of Greenwich, as in files from 0 to 360" +
                               (rows.met_west() ? ", but others are negative, so some may be wrong" : ""));
  }
  return reading;
}

}  // namespace packwalk::replay
