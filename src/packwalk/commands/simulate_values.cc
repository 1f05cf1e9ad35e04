#include "packwalk/commands/simulate_values.h"

#include <cmath>

#include "base/text.h"

namespace packwalk {
namespace {

using Halves = std::pair<std::string_view, std::string_view>;

std::optional<Halves> halves(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view second = text.substr(comma + 1);
  if (second.starts_with(' ')) second.remove_prefix(1);
  return Halves{text.substr(0, comma), second};
}

std::optional<double> scaled(std::string_view text, double factor) {
  const auto number = number_from<double>(text);
  if (!number) return std::nullopt;
  return *number * factor;
}

}  // namespace

std::optional<double> share_from(std::string_view text) {
  if (text.ends_with('%')) return scaled(text.substr(0, text.size() - 1), 0.01);
  return number_from<double>(text);
}

std::optional<double> seconds_from(std::string_view text) {
  const std::string_view number = text.substr(0, text.empty() ? 0 : text.size() - 1);
  if (text.ends_with('s')) return scaled(number, 1);
  if (text.ends_with('m')) return scaled(number, 60);
  if (text.ends_with('h')) return scaled(number, 3600);
  return scaled(text, 1);
}

std::optional<double> hours_from(std::string_view text) {
  const bool has_unit = !text.empty() && std::string_view("smh").find(text.back()) != std::string_view::npos;
  const auto number = has_unit ? seconds_from(text) : number_from<double>(text);
  if (!number || !(*number > 0) || !std::isfinite(*number)) return std::nullopt;
  return has_unit ? *number / 3600 : *number;
}

std::optional<LatLon> place_from(std::string_view text) {
  const auto parts = halves(text);
  if (!parts) return std::nullopt;
  const auto latitude = number_from<double>(parts->first);
  const auto longitude = number_from<double>(parts->second);
  if (!latitude || !longitude) return std::nullopt;
  const auto place = LatLon::from_degrees(*latitude, *longitude);
  return place ? std::optional(*place) : std::nullopt;
}

std::optional<std::pair<std::int64_t, std::int64_t>> range_from(std::string_view text) {
  const auto parts = halves(text).value_or(Halves{text, text});
  const auto low = number_from<std::int64_t>(parts.first);
  const auto high = number_from<std::int64_t>(parts.second);
  if (!low || !high) return std::nullopt;
  return std::pair(*low, *high);
}

}  // namespace packwalk
