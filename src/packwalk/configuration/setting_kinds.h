// The usual kinds of settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

inline constexpr std::int64_t giga = 1'000'000'000;

/// Parses a whole number from `least` to `greatest`. The error is "must be `what` from .. to ..".
inline Result<std::int64_t> whole_number(const std::string& text, std::int64_t least, std::int64_t greatest,
                                         const std::string& what) {
  const auto value = number_from<std::int64_t>(text);
  if (value && *value >= least && *value <= greatest) return *value;
  return fail(Errc::invalid_input,
              "must be " + what + " from " + std::to_string(least) + " to " + std::to_string(greatest));
}

/// A member of a member.
template <class Outer, class Inner>
auto within(Outer outer, Inner inner) {
  return [=](auto& section) -> auto& { return std::invoke(inner, std::invoke(outer, section)); };
}

/// Makes settings of a section. `field` is a pointer to a member, or a function that finds one in the section.
template <class Section>
struct SettingsOf {
  using Own = Setting<Section>;

  /// A whole number.
  template <class Field>
  static Own number(std::string name, std::string meaning, std::int64_t least, std::int64_t greatest, Field field) {
    Section defaults;
    return {std::move(name), std::move(meaning),
            std::to_string(static_cast<std::int64_t>(std::invoke(field, defaults))),
            [=](Section& section, const std::string& text) -> Result<void> {
              const auto value = whole_number(text, least, greatest, "a whole number");
              if (!value) return value.failure();
              auto& member = std::invoke(field, section);
              member = static_cast<std::remove_reference_t<decltype(member)>>(*value);
              return {};
            }};
  }

  /// true or false.
  template <class Field>
  static Own choice(std::string name, std::string meaning, Field field) {
    Section defaults;
    return {std::move(name), std::move(meaning), std::invoke(field, defaults) ? "true" : "false",
            [=](Section& section, const std::string& text) -> Result<void> {
              if (text != "true" && text != "false") return fail(Errc::invalid_input, "must be true or false");
              std::invoke(field, section) = text == "true";
              return {};
            }};
  }

  /// A number of seconds.
  template <class Field>
  static Own seconds(std::string name, std::string meaning, std::int64_t least, std::int64_t greatest, Field field) {
    Section defaults;
    return {std::move(name), std::move(meaning), std::to_string(std::invoke(field, defaults).count()),
            [=](Section& section, const std::string& text) -> Result<void> {
              const auto value = whole_number(text, least, greatest, "a whole number of seconds");
              if (!value) return value.failure();
              std::invoke(field, section) = std::chrono::seconds(*value);
              return {};
            }};
  }

  /// A text, taken as it is.
  template <class Field>
  static Own text(std::string name, std::string meaning, Field field) {
    Section defaults;
    return {std::move(name), std::move(meaning), "\"" + std::invoke(field, defaults) + "\"",
            [=](Section& section, const std::string& value) -> Result<void> {
              std::invoke(field, section) = value;
              return {};
            }};
  }
};

}  // namespace packwalk
