# Tests in Python that drive the real binary: each class of tests/end_to_end/NAME.py is a ctest of its own, but for
# those whose name ends in Test, from which the others inherit. Without a sanitizer each of them runs; under a sanitizer
# those that name it (address, thread; `none` runs under no sanitizer).
#   packwalk_end_to_end(thread doors_test spine_test)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(kill_rounds 200)
set(slowness 1)
if(PACKWALK_SANITIZE)
  set(kill_rounds 20)
  set(slowness 4)
endif()
set(PACKWALK_KILL_ROUNDS ${kill_rounds} CACHE STRING "how often the kill test kills a server")

function(packwalk_end_to_end sanitizer)
  if(NOT PACKWALK_SANITIZE OR PACKWALK_SANITIZE MATCHES ${sanitizer})
    foreach(name ${ARGN})
      packwalk_end_to_end_file(${name})
    endforeach()
  endif()
endfunction()

function(packwalk_end_to_end_file name)
  set(folder ${CMAKE_SOURCE_DIR}/tests/end_to_end)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name}.py)
  file(STRINGS ${folder}/${name}.py classes REGEX "^class [A-Za-z]+\\(")
  list(TRANSFORM classes REPLACE "^class ([A-Za-z]+).*" "\\1")
  list(FILTER classes EXCLUDE REGEX "Test$")
  math(EXPR seconds_max "900 * ${slowness}")  # only reached when something is broken
  foreach(class ${classes})
    add_test(NAME end_to_end.${name}.${class} WORKING_DIRECTORY ${folder}  # -v names the one that a deadline ends
      COMMAND ${Python3_EXECUTABLE} -B -m unittest -v ${name}.${class})
    set_tests_properties(end_to_end.${name}.${class} PROPERTIES LABELS end_to_end TIMEOUT ${seconds_max} ENVIRONMENT
      "PACKWALK_BINARY=$<TARGET_FILE:packwalk>;PACKWALK_KILL_ROUNDS=${PACKWALK_KILL_ROUNDS};PACKWALK_SLOWNESS=${slowness}")
  endforeach()
endfunction()

# The longest, so that the others run beside it.
function(packwalk_start_early test)
  if(TEST end_to_end.${test})
    set_tests_properties(end_to_end.${test} PROPERTIES COST 1000)
  endif()
endfunction()
