#include "packwalk/commands/replay_values.h"

#include "base/text.h"
#include "packwalk/commands/simulate_values.h"

namespace packwalk {
namespace {

constexpr double year_seconds = 366.0 * 86'400;
constexpr double speed_max = 1e9;

}  // namespace

std::optional<double> speed_from(std::string_view text) {
  if (text == "max") return 0;
  const auto speed = number_from<double>(text);
  return speed && *speed > 0 && *speed <= speed_max ? speed : std::nullopt;
}

std::optional<double> whole_share_from(std::string_view text) {
  const auto share = share_from(text);
  return share && *share >= 0 && *share <= 1 ? share : std::nullopt;
}

std::optional<double> duration_seconds_from(std::string_view text) {
  const auto seconds = seconds_from(text);
  return seconds && *seconds >= 0 && *seconds <= year_seconds ? seconds : std::nullopt;
}

std::optional<HoldBack> hold_back_from(std::string_view text) {
  const std::size_t x = text.find('x');
  if (x == std::string_view::npos) return std::nullopt;
  const auto share = whole_share_from(text.substr(0, x));
  const auto seconds = duration_seconds_from(text.substr(x + 1));
  if (!share || !seconds) return std::nullopt;
  return HoldBack{*share, *seconds};
}

}  // namespace packwalk
