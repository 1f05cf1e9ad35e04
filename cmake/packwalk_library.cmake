# One folder = one library = one line that lists what it may use; tools/tidy.py holds the includes to it.
#   packwalk_library(core/track SOURCES a.cc HEADERS a.h DEPENDS core/geo EXTERNAL fmt::fmt TESTS a_test.cc FUZZ a_fuzz.cc)
# TESTS make one test program a folder; each FUZZ file makes a fuzzer, built by the preset `fuzz` only.
# The target `headers` compiles each header alone that has no source file of its own, which would prove the same.
include(GoogleTest)
add_custom_target(headers)

function(packwalk_library folder)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;DEPENDS;EXTERNAL;TESTS;FUZZ" ${ARGN})
  string(REPLACE "/" "_" name "packwalk_${folder}")
  list(TRANSFORM arg_SOURCES PREPEND src/${folder}/)
  list(TRANSFORM arg_HEADERS PREPEND src/${folder}/)
  list(TRANSFORM arg_TESTS PREPEND src/${folder}/)
  string(REPLACE "/" "_" depends "${arg_DEPENDS}")
  list(TRANSFORM depends PREPEND packwalk_)
  if(arg_SOURCES)
    set(scope PUBLIC)
    add_library(${name} STATIC ${arg_SOURCES})
  else()
    set(scope INTERFACE)
    add_library(${name} INTERFACE)
  endif()
  target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS src FILES ${arg_HEADERS})
  target_link_libraries(${name} ${scope} packwalk_options ${depends} ${arg_EXTERNAL})
  packwalk_lonely_headers(${name} ${folder} ${arg_HEADERS})
  set(has_threads ON)
  if(folder MATCHES "^(core/.*|civil|town|replay)$")
    set(has_threads OFF)  # so ThreadSanitizer would find nothing in their tests
  endif()
  if(arg_TESTS AND NOT PACKWALK_FUZZ AND (has_threads OR NOT PACKWALK_SANITIZE STREQUAL "thread"))
    packwalk_test(${name}_test SOURCES ${arg_TESTS} DEPENDS ${name})
  endif()
  if(PACKWALK_FUZZ)
    foreach(source ${arg_FUZZ})
      packwalk_fuzzer(${name} src/${folder}/${source})
    endforeach()
  endif()
endfunction()

function(packwalk_lonely_headers library folder)
  set(sources)
  foreach(header ${ARGN})
    string(REGEX REPLACE "\\.h$" ".cc" source ${header})
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${source})
      string(REGEX REPLACE "^src/" "" included ${header})
      file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/headers/${source} CONTENT "#include \"${included}\"\n")
      list(APPEND sources ${CMAKE_BINARY_DIR}/headers/${source})
    endif()
  endforeach()
  if(sources)
    add_library(${library}_headers OBJECT EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(${library}_headers PRIVATE ${library})
    add_dependencies(headers ${library}_headers)
  endif()
endfunction()

set(PACKWALK_TEST_SECONDS_MAX 600)  # ctest alone would wait for ever for a test that hangs

# A test program; each of its tests is a ctest of its own. On a database server a property is tried with fewer cases, as
# each of them connects again and again.
function(packwalk_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gmock_main rapidcheck)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST TEST_FILTER "-*/postgres*:*/rabbitmq*:RabbitmqQueue*"
    TEST_LIST ${name}_tests PROPERTIES TIMEOUT ${PACKWALK_TEST_SECONDS_MAX})
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST TEST_FILTER "*/postgres*:*/rabbitmq*:RabbitmqQueue*"
    TEST_LIST ${name}_server_tests PROPERTIES TIMEOUT ${PACKWALK_TEST_SECONDS_MAX} ENVIRONMENT "RC_PARAMS=max_success=20")
endfunction()

# A fuzzer `x_fuzz` from `x_fuzz.cc`; as a test it runs for some seconds from its seed corpus in tests/corpus/x/.
set(PACKWALK_FUZZ_SECONDS 3 CACHE STRING "how long ctest runs each fuzzer")
function(packwalk_fuzzer library source)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" subject ${name})
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ${library})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/corpus/${subject})
  add_test(NAME ${name} COMMAND ${name} -max_total_time=${PACKWALK_FUZZ_SECONDS} -max_len=4096 -timeout=5
    ${CMAKE_BINARY_DIR}/corpus/${subject} ${CMAKE_SOURCE_DIR}/tests/corpus/${subject})
endfunction()
