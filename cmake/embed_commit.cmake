# Makes build/generated/packwalk/commit.h. Run by the build, each time: cmake -DSOURCE=.. -DHEADER=.. -P embed_commit.cmake
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=40 --exclude=*
  OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
file(CONFIGURE OUTPUT ${HEADER} CONTENT
"// Generated from the state of the source tree.
#pragma once

namespace packwalk {

inline constexpr const char* commit = \"@commit@\";

}  // namespace packwalk
" @ONLY)
