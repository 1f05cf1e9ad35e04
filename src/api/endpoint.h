// One endpoint of the API, and how a request to it is answered: on which thread, after which checks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "api/ask.h"
#include "http/router.h"

namespace packwalk {

/// On which thread an answer is made: at once, from memory; or on the pool, from the store: then it may block, is
/// answered 503 when it takes longer than `query_max`, and given up when its caller is gone.
enum class Runs : std::uint8_t { at_once, on_pool };

/// What the caller must be allowed to do; `anybody`: no token is needed.
using Needs = std::optional<Action>;
inline constexpr Needs anybody{};

/// What an endpoint answers. After a parameter that is wrong it may return anything: the fault is what is answered.
/// What it returns after work_must_end() (base/work_limits.h) said so is thrown away.
using Answer = Result<Response> (*)(Ask& ask);

struct Endpoint {
  Method method{};
  std::string_view path;  // {device} is settled before the answer is made
  Needs needs;
  Runs runs{};
  std::array<std::string_view, 7> parameter_names;  // of the query; the unused ones are empty
  Answer answer = nullptr;

  std::span<const std::string_view> parameters() const;
  /// Whether the path, or else the parameter `device`, names a device.
  bool has_device_in_path() const { return path.find("{device}") != std::string_view::npos; }
};

/// 401 for nobody, 403 for a caller that may do this with no device, 400 for parameters that are unknown, repeated or
/// wrong, 404 for a device that the caller cannot see, 403 for one with which he may not do this.
Route route_of(const std::shared_ptr<const ApiParts>& parts, const Endpoint& endpoint);

}  // namespace packwalk
