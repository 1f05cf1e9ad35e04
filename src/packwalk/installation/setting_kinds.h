// The usual kinds of settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "packwalk/installation/setting.h"

namespace packwalk {

inline constexpr std::int64_t giga = 1'000'000'000;

/// What is not a whole number from `least` to `greatest` "must be `what` from .. to ..".
inline Result<std::int64_t> whole_number(const std::string& text, std::int64_t least, std::int64_t greatest,
                                         const std::string& what) {
  const auto value = number_from<std::int64_t>(text);
  if (value && *value >= least && *value <= greatest) return *value;
  return fail(Errc::invalid_input,
              "must be " + what + " from " + std::to_string(least) + " to " + std::to_string(greatest));
}

/// A whole number; `field` finds its place in a Config.
template <class Field>
Setting number(std::string key, std::string meaning, std::int64_t least, std::int64_t greatest, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), std::to_string(static_cast<std::int64_t>(field(defaults))),
          [=](Config& config, const std::string& text) -> Result<void> {
            const auto value = whole_number(text, least, greatest, "a whole number");
            if (!value) return value.failure();
            auto& place = field(config);
            place = static_cast<std::remove_reference_t<decltype(place)>>(*value);
            return {};
          }};
}

/// true or false.
template <class Field>
Setting choice(std::string key, std::string meaning, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), field(defaults) ? "true" : "false",
          [=](Config& config, const std::string& text) -> Result<void> {
            if (text != "true" && text != "false") return fail(Errc::invalid_input, "must be true or false");
            field(config) = text == "true";
            return {};
          }};
}

/// A number of seconds.
template <class Field>
Setting seconds(std::string key, std::string meaning, std::int64_t least, std::int64_t greatest, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), std::to_string(field(defaults).count()),
          [=](Config& config, const std::string& text) -> Result<void> {
            const auto value = whole_number(text, least, greatest, "a whole number of seconds");
            if (!value) return value.failure();
            field(config) = std::chrono::seconds(*value);
            return {};
          }};
}

/// A text as it stands.
template <class Field>
Setting text(std::string key, std::string meaning, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), "\"" + field(defaults) + "\"",
          [=](Config& config, const std::string& value) -> Result<void> {
            field(config) = value;
            return {};
          }};
}

}  // namespace packwalk
