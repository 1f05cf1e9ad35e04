# Makes build/generated/api/openapi_yaml.h: docs/openapi.yaml as a text.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/openapi.yaml)
file(READ ${CMAKE_SOURCE_DIR}/docs/openapi.yaml openapi_text)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/api/openapi_yaml.h CONTENT
"// Generated from docs/openapi.yaml.
#pragma once

#include <string_view>

namespace packwalk {

inline constexpr std::string_view openapi_yaml = R\"yaml(@openapi_text@)yaml\";

}  // namespace packwalk
" @ONLY)
