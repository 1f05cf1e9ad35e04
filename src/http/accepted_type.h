// The media type that a caller prefers. Pure.
#pragma once

#include <span>
#include <string_view>

namespace packwalk {

/// The type of `offered` that an Accept (RFC 9110, section 12.5.1) prefers: the one of the greatest weight; of several,
/// the one that Accept names first, then the one that is offered first. If Accept is empty or accepts none of them, the
/// one that is offered first. `offered` must not be empty.
std::string_view accepted_type(std::string_view accept, std::span<const std::string_view> offered);

}  // namespace packwalk
