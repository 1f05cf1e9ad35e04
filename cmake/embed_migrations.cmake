# embed_migrations(PRODUCT) makes build/generated/adapters/PRODUCT/PRODUCT_migrations.h: the files of schema/PRODUCT/
# in their order, as texts.
function(embed_migrations product)
  file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schema/${product}/*.sql)
  list(SORT migrations)
  list(LENGTH migrations count)
  set(texts "")
  foreach(migration ${migrations})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${migration})
    file(READ ${migration} text)
    string(APPEND texts "    R\"sql(${text})sql\",\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/adapters/${product}/${product}_migrations.h CONTENT
"// Generated from schema/@product@/.
#pragma once

#include <array>

namespace packwalk::sql {

inline constexpr std::array<const char*, @count@> @product@_migrations = {
@texts@};

}  // namespace packwalk::sql
" @ONLY)
endfunction()
