// One key of the configuration: what is said of it, and how a text sets it.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace packwalk {

/// Its name in the section, what it means, its default as TOML, and how a text sets it. An error says what the text
/// must be.
template <class Section>
struct Setting {
  std::string name;
  std::string meaning;
  std::string default_toml;
  std::function<Result<void>(Section&, const std::string&)> set;
};

}  // namespace packwalk
