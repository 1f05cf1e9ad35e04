// What a benchmark is told.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace packwalk::bench {

struct Options {
  std::string packwalk;          // the program
  double seconds = 5;            // of each load
  std::size_t devices = 10'000;  // that send
  std::size_t positions = 1'000'000;
  std::string only;  // one part
  bool production = false;
  bool analysis = false;
  std::int64_t kept = 10'000'000;    // messages of the larger of two installations that are compared
  std::size_t dogs = 10'000;         // that walk
  std::int64_t stored = 10'000'000;  // fixes among which a late track comes

  std::chrono::milliseconds load_time() const {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
};

}  // namespace packwalk::bench
