# Makes build/generated/packwalk/version.h.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/packwalk/version.h CONTENT
"// Generated from the project's version in CMakeLists.txt.
#pragma once

namespace packwalk {

inline constexpr const char* version = \"@PROJECT_VERSION@\";

}  // namespace packwalk
" @ONLY)
