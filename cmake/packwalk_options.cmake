# The flags of every target: C++20, warnings are errors, the sanitizer of the preset, a fast linker.
set(PACKWALK_SANITIZE "" CACHE STRING "comma-separated sanitizers, empty for none")
option(PACKWALK_UNITY "compile up to 16 files of a folder as one, which takes less than half the time" OFF)
option(PACKWALK_FUZZ "build the core and its libFuzzer targets only (needs clang)" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # without NDEBUG: what an assert guards is as wrong in production

add_library(packwalk_options INTERFACE)
target_compile_options(packwalk_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  -Wno-missing-field-initializers)  # a designated initializer names what differs from the default
if(PACKWALK_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)
  # Between files these two warn of nothing that is wrong. The preset `dev` compiles each file alone, with them.
  target_compile_options(packwalk_options INTERFACE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(PACKWALK_SANITIZE OR PACKWALK_FUZZ)
  # The sanitizers check more than what follows, and do not go together with it.
else()
  # What Debian's packages are hardened with, and the checks of libstdc++ (docs/decisions/hardening.md).
  target_compile_options(packwalk_options INTERFACE -fstack-protector-strong -fstack-clash-protection
    $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2> -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(packwalk_options INTERFACE -fcf-protection)
  elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    target_compile_options(packwalk_options INTERFACE -mbranch-protection=standard)
  endif()
  target_link_options(packwalk_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(PACKWALK_SANITIZE)
  # -Og takes two thirds of the time of -O1 to compile, and -g1 is enough for the lines of a report. UBSan's checks of
  # null and of the size of objects make a third of the code; ASan reports what they find.
  target_compile_options(packwalk_options INTERFACE -fsanitize=${PACKWALK_SANITIZE} -fno-sanitize=null,object-size
    -fno-sanitize-recover=all -fno-omit-frame-pointer -Og -g1)
  target_link_options(packwalk_options INTERFACE -fsanitize=${PACKWALK_SANITIZE})
  if(PACKWALK_SANITIZE STREQUAL "thread")
    target_compile_options(packwalk_options INTERFACE -Wno-tsan)  # Asio uses fences, which TSan does not model
  endif()
endif()
if(PACKWALK_FUZZ)
  target_compile_options(packwalk_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -O1
    -fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/cmake/fuzz_ignorelist.txt)
  target_link_options(packwalk_options INTERFACE -fsanitize=address,undefined)
endif()
find_program(PACKWALK_MOLD mold)
if(PACKWALK_MOLD AND NOT PACKWALK_FUZZ)
  target_link_options(packwalk_options INTERFACE -fuse-ld=mold)
endif()

# Boost.Asio and Beast, compiled once (src/http/asio_beast.cc) instead of in every file that names them.
add_library(packwalk_asio INTERFACE)
target_compile_definitions(packwalk_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)

# Headers that the build makes: build/<preset>/generated.
add_library(packwalk_generated INTERFACE)
target_include_directories(packwalk_generated INTERFACE ${CMAKE_BINARY_DIR}/generated)
