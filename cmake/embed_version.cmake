# Makes build/generated/packwalk/installation/version.h, and commit.h with every build.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/packwalk/installation/version.h CONTENT
"// Generated from the project's version in CMakeLists.txt.
#pragma once

namespace packwalk {

inline constexpr const char* version = \"@PROJECT_VERSION@\";

}  // namespace packwalk
" @ONLY)

add_custom_target(packwalk_commit
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${CMAKE_BINARY_DIR}/generated/packwalk/installation/commit.h
    -P ${CMAKE_SOURCE_DIR}/cmake/write_commit.cmake
  BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/packwalk/installation/commit.h
  COMMENT "" VERBATIM)
add_dependencies(packwalk_generated packwalk_commit)

add_test(NAME write_commit
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${CMAKE_BINARY_DIR}/write_commit_test/commit.h
    -P ${CMAKE_SOURCE_DIR}/cmake/write_commit.cmake)
set_tests_properties(write_commit PROPERTIES FAIL_REGULAR_EXPRESSION "Warning")
