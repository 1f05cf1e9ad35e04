# Makes build/generated/adapters/sqlite/migrations.h: the files of schema/sqlite/ in their order, as texts.
file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schema/sqlite/*.sql)
list(SORT migrations)
list(LENGTH migrations count)
set(texts "")
foreach(migration ${migrations})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${migration})
  file(READ ${migration} text)
  string(APPEND texts "    R\"sql(${text})sql\",\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/adapters/sqlite/migrations.h CONTENT
"// Generated from schema/sqlite/.
#pragma once

#include <array>

namespace packwalk::sql {

inline constexpr std::array<const char*, @count@> migrations = {
@texts@};

}  // namespace packwalk::sql
" @ONLY)
