#include "api/query_parameters.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "base/time_text.h"
#include "base/typed_text.h"

namespace packwalk {
namespace {

Failure bad(std::string sentence) { return fail(Errc::invalid_input, std::move(sentence)); }

Result<DeviceTime> time_parameter(const Request& request, std::string_view name, DeviceTime otherwise) {
  const auto text = query_value(request.query, name);
  if (!text) return otherwise;
  if (const auto time = time_from_query(*text)) return std::clamp(*time, before_all, after_all);
  return bad(std::string(name) + " is seconds or milliseconds since 1970, or a time such as 2026-01-01T10:00:00Z");
}

Result<AnswerForm> form_from_name(std::string_view name, bool with_gpx) {
  if (name == "json") return AnswerForm::json;
  if (name == "geojson") return AnswerForm::geojson;
  if (name == "gpx" && with_gpx) return AnswerForm::gpx;
  return bad(with_gpx ? "format is json, geojson or gpx" : "format is json or geojson");
}

/// The numbers of a cursor, which stand between points; nothing where there is none.
template <std::size_t Count>
Result<std::optional<std::array<std::int64_t, Count>>> numbers_of_cursor(const Request& request) {
  const auto text = query_value(request.query, "cursor");
  if (!text) return std::optional<std::array<std::int64_t, Count>>();
  std::array<std::int64_t, Count> numbers{};
  std::string_view rest = *text;
  for (std::size_t i = 0; i < Count; ++i) {
    const std::size_t point = i + 1 == Count ? rest.size() : std::min(rest.find('.'), rest.size());
    const auto number = number_from<std::int64_t>(rest.substr(0, point));
    if (!number) return bad("cursor is what the page before gave as next");
    numbers.at(i) = *number;
    rest.remove_prefix(std::min(point + 1, rest.size()));
  }
  return std::optional(numbers);
}

bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
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

/// For a sentence about it. A long or binary name is left out: JSON would make six bytes of each of its bytes.
std::string naming(std::string_view parameter) {
  constexpr std::size_t named_bytes_max = 64;
  const auto is_printable = [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; };
  const bool is_named = !parameter.empty() && parameter.size() <= named_bytes_max &&
                        std::all_of(parameter.begin(), parameter.end(), is_printable);
  return is_named ? std::string(parameter) : "of that name";
}

}  // namespace

Result<void> only_parameters(const Request& request, std::span<const std::string_view> known) {
  std::vector<std::string> met;
  std::string_view rest = request.query;
  while (auto parameter = take_parameter(rest)) {
    std::string& name = parameter->first;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string names;
      for (const std::string_view each : known) names.append(names.empty() ? "" : ", ").append(each);
      return bad("there is no parameter " + naming(name) + " here" + (names.empty() ? "" : ", only " + names));
    }
    if (std::find(met.begin(), met.end(), name) != met.end()) {
      return bad("the parameter " + name + " is given twice: give it once");
    }
    met.push_back(std::move(name));
  }
  return {};
}

std::optional<DeviceTime> time_from_query(std::string_view text) { return time_from_text(with_plus_before_zone(text)); }

Result<GeoBox> box_parameter(const Request& request) {
  const auto text = query_value(request.query, "bbox");
  if (!text) return GeoBox::from_degrees(-180, -90, 180, 90);
  std::array<double, 4> edges{};
  std::string_view rest = *text;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const bool last = i + 1 == edges.size();
    const std::size_t comma = last ? rest.size() : rest.find(',');
    const auto edge = comma == std::string_view::npos ? std::nullopt : number_from<double>(rest.substr(0, comma));
    if (!edge) return bad("bbox is minlon,minlat,maxlon,maxlat in degrees");
    edges.at(i) = *edge;
    rest.remove_prefix(last ? comma : comma + 1);
  }
  auto box = GeoBox::from_degrees(edges[0], edges[1], edges[2], edges[3]);
  if (!box) return bad("bbox is minlon,minlat,maxlon,maxlat: " + box.error().detail);
  return box;
}

Result<std::optional<std::chrono::seconds>> max_age_parameter(const Request& request) {
  const auto text = query_value(request.query, "max_age");
  if (!text) return std::optional<std::chrono::seconds>();
  const auto seconds = number_from<std::int64_t>(*text);
  if (!seconds || *seconds < 0 || *seconds > std::numeric_limits<std::int32_t>::max()) {
    return bad("max_age is a number of seconds");
  }
  return std::optional(std::chrono::seconds(*seconds));
}

Result<std::size_t> limit_parameter(const Request& request, std::size_t otherwise) {
  const auto text = query_value(request.query, "limit");
  if (!text) return otherwise;
  const auto limit = number_from<std::size_t>(*text);
  if (!limit || *limit == 0 || *limit > limit_max)
    return bad("limit is a number from 1 to " + std::to_string(limit_max));
  return *limit;
}

Result<TimeRange> range_parameters(const Request& request) {
  const auto from = time_parameter(request, "from", before_all);
  if (!from) return from.failure();
  const auto until = time_parameter(request, "to", after_all);
  if (!until) return until.failure();
  if (*from > *until) return bad(std::string(from_after_to));
  return TimeRange{*from, *until};
}

Result<std::optional<Verdict>> verdict_parameter(const Request& request) {
  const auto text = query_value(request.query, "verdict");
  if (!text) return std::optional<Verdict>();
  const auto verdict = verdict_from_name(*text);
  if (!verdict) return bad("verdict is accepted, duplicate, conflict or invalid");
  return verdict;
}

Result<std::optional<std::int64_t>> number_cursor(const Request& request) {
  const auto numbers = numbers_of_cursor<1>(request);
  if (!numbers) return numbers.failure();
  if (!*numbers) return std::optional<std::int64_t>();
  return std::optional((**numbers)[0]);
}

Result<MessageCursor> message_cursor(const Request& request) {
  const auto numbers = numbers_of_cursor<2>(request);
  if (!numbers) return numbers.failure();
  if (!*numbers) return MessageCursor{server_time(-1), 0};
  const auto [received_at, ordinal] = **numbers;
  if (ordinal < 0 || ordinal > std::numeric_limits<std::uint32_t>::max()) {
    return bad("cursor is what the page before gave as next");
  }
  return MessageCursor{server_time(received_at), static_cast<std::uint32_t>(ordinal)};
}

Result<WalkCursor> walk_cursor(const Request& request) {
  const auto numbers = numbers_of_cursor<3>(request);
  if (!numbers) return numbers.failure();
  if (!*numbers) return WalkCursor();
  const auto [from, a, b] = **numbers;
  return WalkCursor{from, DeviceNumber{a}, DeviceNumber{b}};
}

Result<CompanionCursor> companion_cursor(const Request& request) {
  const auto numbers = numbers_of_cursor<2>(request);
  if (!numbers) return numbers.failure();
  if (!*numbers) return CompanionCursor();
  const auto [seconds_together, device] = **numbers;
  return CompanionCursor{seconds_together, DeviceNumber{device}};
}

std::string cursor_of(const MessageCursor& place) {
  return std::to_string(microseconds_since_1970(place.received_at)) + "." + std::to_string(place.ordinal);
}

std::string cursor_of(const WalkCursor& place) {
  std::string text = std::to_string(place.from);
  for (const DeviceNumber device : {place.a, place.b}) text.append(".").append(std::to_string(device.value));
  return text;
}

std::string cursor_of(const CompanionCursor& place) {
  return std::to_string(place.seconds_together) + "." + std::to_string(place.device.value);
}

Result<std::optional<double>> tolerance_parameter(const Request& request) {
  const auto text = query_value(request.query, "tolerance");
  if (!text) return std::optional<double>();
  constexpr double greatest = 100'000;
  const auto meters = number_from<double>(*text);
  if (!meters || !(*meters >= 0 && *meters <= greatest)) return bad("tolerance is a number of metres, up to 100000");
  return meters;
}

Result<AnswerForm> form_parameter(const Request& request, bool with_gpx) {
  if (const auto name = query_value(request.query, "format")) return form_from_name(*name, with_gpx);
  const std::string accept = media_type(request.accept());
  if (accept == "application/geo+json") return AnswerForm::geojson;
  if (accept == "application/gpx+xml" && with_gpx) return AnswerForm::gpx;
  return AnswerForm::json;
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
