#include "api/endpoints.h"

#include "api/questions.h"

namespace packwalk {
namespace {

constexpr Method get = Method::get;
constexpr Needs present = Action::present;
constexpr Needs history = Action::history;
constexpr Needs originals = Action::originals;
constexpr Needs lists = Action::administer;
constexpr Runs at_once = Runs::at_once;
constexpr Runs on_pool = Runs::on_pool;

// clang-format off
constexpr Endpoint table[] = {
    {get, "/openapi.yaml",                      anybody,   at_once, {},                                                       openapi},
    {get, "/v1/positions",                      present,   at_once, {"bbox", "max_age_seconds", "limit", "cursor", "format"}, positions},
    {get, "/v1/devices",                        lists,     on_pool, {"q", "limit", "cursor"},                                 devices},
    {get, "/v1/devices/{device}",               present,   on_pool, {},                                                       device},
    {get, "/v1/devices/{device}/position",      present,   at_once, {},                                                       position},
    {get, "/v1/devices/{device}/fixes",         history,   on_pool, {"from", "to", "sort", "limit", "cursor", "format"},      fixes},
    {get, "/v1/devices/{device}/tracks",        history,   on_pool, {"from", "to", "sort", "limit", "cursor"},                tracks},
    {get, "/v1/devices/{device}/tracks/{from}", history,   on_pool, {"tolerance_m", "format"},                                track},
    {get, "/v1/devices/{device}/activity",      history,   on_pool, {"by", "tz", "from", "to", "goal_seconds", "goal_steps"}, activity},
    {get, "/v1/devices/{device}/companions",    history,   on_pool, {"from", "to", "limit", "cursor"},                        companions},
    {get, "/v1/devices/{device}/messages",      originals, on_pool, {"verdict", "from", "to", "sort", "limit", "cursor"},     messages},
    {get, "/v1/joint-walks",                    history,   on_pool, {"device", "with", "from", "to", "sort", "limit", "cursor"}, joint_walks},
    {get, "/v1/pack-walks",                     history,   on_pool, {"device", "from", "to", "sort", "limit", "cursor"},      pack_walks},
};
// clang-format on

}  // namespace

std::span<const Endpoint> endpoints() { return table; }

std::vector<Route> api_routes(const ApiParts& parts) {
  const auto shared = std::make_shared<const ApiParts>(parts);
  std::vector<Route> routes;
  for (const Endpoint& endpoint : table) routes.push_back(route_of(shared, endpoint));
  return routes;
}

}  // namespace packwalk
