// Which handler answers which path.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace packwalk {

struct Route {
  std::vector<Method> methods;
  std::string_view pattern;  // a literal; a segment {..} takes anything that is not empty
  Handler handler;
};

/// Told of every answer: the pattern of its route ("" for none) and its status.
using Observer = std::function<void(std::string_view pattern, int status)>;

/// Answers 404 for an unknown path and 405 for an unknown method. HEAD goes where GET goes and nothing is written.
Handler make_router(std::vector<Route> routes, Observer observer);

}  // namespace packwalk
