# cmake -DSOURCE=.. -DOUTPUT=.. -P write_commit.cmake: makes packwalk/commit.h, and leaves it as it is while it is right.
cmake_policy(VERSION 3.25)
set(commit unknown)
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --exclude=* --abbrev=12
  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(NOT failed)
  set(commit ${described})
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT
"// Generated from git.
#pragma once

namespace packwalk {

inline constexpr const char* commit = \"@commit@\";

}  // namespace packwalk
" @ONLY)
