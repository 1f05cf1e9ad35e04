// One key of the configuration: its documentation, and how a text sets it.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace packwalk {

/// Its name in the section, what it means, its default as TOML, and how a text sets it. An error describes the expected
/// text.
template <class Section>
struct Setting {
  std::string name;
  std::string meaning;
  std::string default_toml;
  std::function<Result<void>(Section&, const std::string&)> set;
};

}  // namespace packwalk
