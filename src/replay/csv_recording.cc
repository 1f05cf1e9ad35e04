#include "replay/csv_recording.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace packwalk::replay {
namespace {

struct KnownColumn {
  Column column;
  std::string_view name;
  std::array<std::string_view, 8> aliases;  // in small letters, the likeliest first
};
constexpr std::array known_columns = {
    KnownColumn{Column::device,
                "device",
                {"device", "device_id", "id", "individual-local-identifier", "individual", "tag_id", "name", "collar"}},
    KnownColumn{Column::timestamp, "timestamp", {"timestamp", "time", "datetime", "date_time", "utc"}},
    KnownColumn{Column::lat, "lat", {"lat", "latitude", "location-lat", "location_lat"}},
    KnownColumn{Column::lon, "lon", {"lon", "longitude", "lng", "long", "location-long", "location_long"}},
    KnownColumn{Column::altitude, "altitude", {"altitude", "alt", "ele", "elevation", "height"}},
    KnownColumn{Column::accuracy, "accuracy", {"accuracy", "horizontal_accuracy"}},
};

/// Cuts a text into records and those into fields.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
    const std::string_view head = text_.substr(0, text_.find('\n'));
    for (const char separator : {',', ';', '\t'}) {
      if (head.find(separator) == std::string_view::npos) continue;
      separator_ = separator;
      break;
    }
  }

  /// The line where the record begins that next() gave.
  std::size_t line() const { return line_; }

  /// False at the end. Blank lines are no records.
  bool next(std::vector<std::string>& fields) {
    while (at_ < text_.size()) {
      line_ = next_line_;
      fields.assign(1, "");
      read_record(fields);
      if (fields.size() > 1 || fields[0].find_first_not_of(" \t") != std::string::npos) return true;
    }
    return false;
  }

 private:
  void read_record(std::vector<std::string>& fields) {
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++next_line_;
      if (quoted) {
        if (c != '"') {
          fields.back().push_back(c);
        } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
          fields.back().push_back(text_[++at_]);
        } else {
          quoted = false;
        }
      } else if (c == '"' && fields.back().empty()) {
        quoted = true;
      } else if (c == separator_) {
        fields.emplace_back();
      } else if (c == '\n') {
        ++at_;
        break;
      } else {
        fields.back().push_back(c);
      }
    }
    if (fields.back().ends_with('\r')) fields.back().pop_back();
  }

  std::string_view text_;
  char separator_ = ',';
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
};

using Places = std::array<std::optional<std::size_t>, known_columns.size()>;

std::optional<std::size_t> place_in(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - header.begin()));
}

std::vector<std::string> in_small_letters(const std::vector<std::string>& header) {
  std::vector<std::string> lower;
  lower.reserve(header.size());
  for (const std::string& name : header) lower.push_back(lower_case(name));
  return lower;
}

Result<Places> places_of(const std::vector<std::string>& header, const CsvRules& rules) {
  const std::vector<std::string> lower = in_small_letters(header);
  Places places;
  for (const KnownColumn& known : known_columns) {
    if (rules.only_sleep && known.column > Column::timestamp) continue;
    auto& place = places.at(static_cast<std::size_t>(known.column));
    if (const auto named = rules.columns.find(known.column); named != rules.columns.end()) {
      place = place_in(header, named->second);
      if (!place) return fail(Errc::invalid_input, "there is no column " + named->second);
      continue;
    }
    for (std::size_t i = 0; i < known.aliases.size() && !place; ++i) {
      if (!known.aliases.at(i).empty()) place = place_in(lower, known.aliases.at(i));
    }
    const bool may_miss = known.column == Column::altitude || known.column == Column::accuracy ||
                          (known.column == Column::device && !rules.device.empty());
    if (place || may_miss) continue;
    return fail(Errc::invalid_input, "no column tells the " + std::string(known.name) + ": name it with --columns " +
                                         std::string(known.name) + "=NAME" +
                                         (known.column == Column::device ? ", or give --device ID" : ""));
  }
  if (places[0] && !rules.device.empty()) {
    return fail(Errc::invalid_input,
                "--device is for files without a column of devices, and here is one: " + printable(header[*places[0]]));
  }
  return places;
}

/// The fields of one record by column.
class Fields {
 public:
  Fields(const std::vector<std::string>& fields, const Places& places) : fields_(fields), places_(places) {}

  /// Nothing when the record is too short or the file has no such column.
  const std::string* find(Column column) const {
    const auto& place = places_.at(static_cast<std::size_t>(column));
    return place && *place < fields_.size() ? &fields_[*place] : nullptr;
  }

 private:
  const std::vector<std::string>& fields_;
  const Places& places_;
};

/// Says what is wrong, or nothing when `number` is set.
std::optional<std::string> read_number(const Fields& fields, const KnownColumn& known, double& number) {
  const std::string* field = fields.find(known.column);
  if (!field) return std::string(known.name) + " is missing";
  const auto read = known.column == Column::timestamp ? seconds_from(*field) : finite_number_from(*field);
  if (!read) return std::string(known.name) + " cannot be read: " + printable(*field);
  number = *read;
  return std::nullopt;
}

std::optional<std::string> read_length(const Fields& fields, const KnownColumn& known, MaybeMeters& meters) {
  const std::string* field = fields.find(known.column);
  if (!field || field->empty() || *field == "NA") return std::nullopt;
  double number = 0;
  if (auto trouble = read_number(fields, known, number)) return trouble;
  meters = number;
  return std::nullopt;
}

/// An activity by its name or number.
std::optional<Activity> activity_in(std::string_view field) {
  if (const auto number = finite_number_from(field)) return activity_from_number(*number);
  return activity_from_name(field);
}

std::optional<std::string> read_packet(const Fields& fields, bool only_time, RawTrack& packet) {
  const auto known = [](Column column) -> const KnownColumn& {
    return known_columns.at(static_cast<std::size_t>(column));
  };
  if (auto trouble = read_number(fields, known(Column::timestamp), packet.seconds)) return trouble;
  if (only_time) return std::nullopt;
  if (auto trouble = read_number(fields, known(Column::lat), packet.latitude)) return trouble;
  if (auto trouble = read_number(fields, known(Column::lon), packet.longitude)) return trouble;
  if (auto trouble = read_length(fields, known(Column::altitude), packet.altitude)) return trouble;
  return read_length(fields, known(Column::accuracy), packet.accuracy);
}

}  // namespace

Result<ColumnNames> columns_from(std::string_view text) {
  ColumnNames names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto* const known = std::find_if(known_columns.begin(), known_columns.end(), [&](const KnownColumn& each) {
      return each.name == pair.substr(0, equals);
    });
    if (known == known_columns.end() || equals + 1 >= pair.size()) {
      return fail(Errc::invalid_input,
                  std::string(pair) + " is not device=, timestamp=, lat=, lon=, altitude= or accuracy= and a name");
    }
    names[known->column] = pair.substr(equals + 1);
  }
  return names;
}

Result<void> each_csv_row(std::string_view text, const CsvRules& rules, const TakeRow& take,
                          const TakeUnreadable& unreadable) {
  CsvReader reader(text);
  std::vector<std::string> fields;
  if (!reader.next(fields)) return fail(Errc::invalid_input, "the file is empty");
  const auto places = places_of(fields, rules);
  if (!places) return tl::unexpected(places.error());
  constexpr auto nowhere = std::numeric_limits<std::size_t>::max();
  const std::size_t activity_place =
      rules.only_sleep ? place_in(in_small_letters(fields), "activity").value_or(nowhere) : nowhere;
  while (reader.next(fields)) {
    const Fields by_column(fields, *places);
    RawTrack packet;
    if (auto trouble = read_packet(by_column, rules.only_sleep, packet)) {
      unreadable({reader.line(), *std::move(trouble)});
      continue;
    }
    if (activity_place != nowhere) {
      const std::string told = activity_place < fields.size() ? fields[activity_place] : "";
      const auto activity = activity_in(told);
      if (!activity) unreadable({reader.line(), "activity cannot be read: " + printable(told)});
      if (activity != Activity::sleep) continue;
    }
    const std::string* named = by_column.find(Column::device);
    const std::string& name = named ? *named : rules.device;
    if (name.empty()) {
      unreadable({reader.line(), "device is missing"});
    } else {
      take(name, reader.line(), packet);
    }
  }
  return {};
}

Result<Recording> read_csv(std::string_view text, const CsvRules& rules) {
  Recording recording;
  std::unordered_map<std::string, std::size_t> device_of_name;
  const auto take = [&](const std::string& name, std::size_t line, const RawTrack& packet) {
    const auto [device, is_new] = device_of_name.try_emplace(name, recording.names.size());
    if (is_new) recording.names.push_back(name);
    recording.rows.push_back({device->second, line, packet});
  };
  const auto unreadable = [&](UnreadableRow row) { recording.unreadable.push_back(std::move(row)); };
  if (auto read = each_csv_row(text, rules, take, unreadable); !read) return tl::unexpected(std::move(read.error()));
  recording.devices = device_ids_of(recording.names);
  return recording;
}

}  // namespace packwalk::replay
