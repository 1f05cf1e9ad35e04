#include "api/parameters.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/time_text.h"
#include "base/typed_text.h"
#include "http/accepted_type.h"

namespace packwalk {
namespace {

bool stands_for_itself(char c) {
  return is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}

/// For a url (RFC 3986 section 2): every byte that is neither a letter, a digit, one of -._~ nor of `also` as %XX.
void append_escaped(std::string& url, std::string_view text, std::string_view also = "") {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (stands_for_itself(c) || also.find(c) != std::string_view::npos) {
      url.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      url.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
  }
}

/// A name that an answer may show. Not a long or binary one: JSON would make six bytes of each of its bytes.
std::string_view showable(std::string_view parameter) {
  constexpr std::size_t named_bytes_max = 64;
  const auto is_printable = [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; };
  const bool is_named = !parameter.empty() && parameter.size() <= named_bytes_max &&
                        std::all_of(parameter.begin(), parameter.end(), is_printable);
  return is_named ? parameter : "";
}

/// What a parameter is called now that older versions called `name`; "" where it never had another name.
std::string_view newer_name(std::string_view name) {
  if (name == "max_age") return "max_age_seconds";
  if (name == "tolerance") return "tolerance_m";
  return "";
}

constexpr std::array all_forms = {AnswerForm::json, AnswerForm::geojson, AnswerForm::gpx};

std::string_view name_of(AnswerForm form) {
  constexpr std::array<std::string_view, all_forms.size()> names = {"json", "geojson", "gpx"};
  return names[static_cast<std::size_t>(form)];
}

AnswerForm accepted_form(std::string_view accept, std::span<const AnswerForm> offered) {
  std::array<std::string_view, all_forms.size()> types;
  std::transform(offered.begin(), offered.end(), types.begin(), media_type_of);
  const std::string_view type = accepted_type(accept, std::span(types).first(offered.size()));
  const auto index = std::find(types.begin(), types.end(), type) - types.begin();
  return offered[static_cast<std::size_t>(index)];
}

std::string unknown_parameter(std::string_view name, std::span<const std::string_view> known) {
  const std::string_view newer = newer_name(name);
  if (std::find(known.begin(), known.end(), newer) != known.end()) {
    return "the parameter " + std::string(name) + " is now called " + std::string(newer);
  }
  std::string sentence = "there is no parameter ";
  const std::string_view shown = showable(name);
  sentence.append(shown.empty() ? "of that name" : shown).append(" here");
  std::string_view before = ", only ";
  for (const std::string_view each : known) sentence.append(std::exchange(before, ", ")).append(each);
  return sentence;
}

}  // namespace

std::string_view media_type_of(AnswerForm form) {
  switch (form) {
    case AnswerForm::json:
      return "application/json";
    case AnswerForm::geojson:
      return "application/geo+json";
    case AnswerForm::gpx:
      return "application/gpx+xml";
  }
  return "";
}

Result<DeviceTime> time_from_query(std::string_view text) { return given_time(with_plus_before_zone(text)); }

Parameters::Parameters(std::string_view query, std::span<const std::string_view> known) {
  while (auto parameter = take_parameter(query)) {
    const std::string& name = parameter->first;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      reject(showable(name), unknown_parameter(name, known), Problem::unknown_parameter);
      return;
    }
    if (has(name)) {
      reject(name, "the parameter " + name + " is given twice: give it once", Problem::repeated_parameter);
      return;
    }
    values_.push_back(*std::move(parameter));
  }
}

Result<void> Parameters::check() const {
  if (fault_) return fail(Errc::invalid_input, fault_->detail);
  return {};
}

void Parameters::reject(std::string_view name, std::string detail, Problem problem) {
  if (!fault_) fault_ = {problem, std::string(name), std::move(detail)};
}

std::optional<std::string_view> Parameters::text(std::string_view name) const {
  const auto found = std::find_if(values_.begin(), values_.end(), [&](const auto& each) { return each.first == name; });
  return found == values_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::size_t Parameters::limit() {
  constexpr std::string_view sentence = "limit is a number from 1 to 10000";
  return number<std::size_t>("limit", {1, limit_max}, sentence).value_or(limit_default);
}

void Parameters::put_cursor(std::string place) {
  const auto cursor =
      std::find_if(values_.begin(), values_.end(), [](const auto& each) { return each.first == "cursor"; });
  if (cursor != values_.end()) cursor->second = std::move(place);
}

TimeOrder Parameters::order() {
  const auto name = text("sort");
  if (name == "-time") return TimeOrder::newest_first;
  if (name && name != "time") reject("sort", "sort is time (oldest first) or -time (newest first)");
  return TimeOrder::oldest_first;
}

TimeRange Parameters::range() {
  const Times asked = times(time_from_query);
  return {asked.from.value_or(before_all), asked.to.value_or(after_all)};
}

GeoBox Parameters::box() {
  const GeoBox world = GeoBox::from_degrees(-180, -90, 180, 90).value();
  auto rest = text("bbox");
  if (!rest) return world;
  std::array<double, 4> edges{};
  for (double& edge : edges) {
    const bool is_last = &edge == &edges.back();
    const std::size_t comma = is_last ? rest->size() : rest->find(',');
    const auto number = comma == std::string_view::npos ? std::nullopt : number_from<double>(rest->substr(0, comma));
    if (!number) {
      reject("bbox", "bbox is minlon,minlat,maxlon,maxlat in degrees");
      return world;
    }
    edge = *number;
    rest->remove_prefix(is_last ? comma : comma + 1);
  }
  const auto box = GeoBox::from_degrees(edges[0], edges[1], edges[2], edges[3]);
  if (!box) reject("bbox", "bbox is minlon,minlat,maxlon,maxlat: " + box.error().detail);
  return box ? *box : world;
}

AnswerForm Parameters::form(std::string_view accept, bool with_gpx) {
  const auto name = text("format");
  const std::span<const AnswerForm> offered(all_forms.data(), with_gpx ? all_forms.size() : all_forms.size() - 1);
  if (!name) return accepted_form(accept, offered);
  const auto named =
      std::find_if(offered.begin(), offered.end(), [&](AnswerForm each) { return name_of(each) == name; });
  if (named != offered.end()) return *named;
  reject("format", with_gpx ? "format is json, geojson or gpx" : "format is json or geojson");
  return AnswerForm::json;
}

bool Parameters::read_cursor(std::span<std::int64_t> numbers) {
  auto rest = text("cursor");
  if (!rest) return false;
  for (std::int64_t& number : numbers) {
    const std::size_t point = &number == &numbers.back() ? rest->size() : std::min(rest->find('.'), rest->size());
    const auto read = number_from<std::int64_t>(rest->substr(0, point));
    if (!read) {
      reject_cursor();
      return false;
    }
    number = *read;
    rest->remove_prefix(std::min(point + 1, rest->size()));
  }
  return true;
}

std::string next_link(const Request& request, std::string_view cursor) {
  std::string link = "<";
  append_escaped(link, request.path, "/%");  // which is escaped already
  char before = '?';
  std::string_view rest = request.query;
  while (const auto parameter = take_parameter(rest)) {
    if (parameter->first == "cursor") continue;
    link.push_back(before);
    append_escaped(link, parameter->first);
    link.push_back('=');
    append_escaped(link, parameter->second, ",:");  // of boxes and times
    before = '&';
  }
  link.push_back(before);
  link.append("cursor=");
  append_escaped(link, cursor);
  return link.append(">; rel=\"next\"");
}

}  // namespace packwalk
