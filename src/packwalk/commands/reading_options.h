// The flags that control how files of recorded tracks are read.
#pragma once

#include <string>

#include "base/result.h"
#include "replay/recording.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace packwalk {

struct ReadingOptions {
  std::string columns, device;
  bool day_first = false;
  bool month_first = false;
  bool excel_days = false;
  bool waypoints = false;
};

void add_reading_flags(CLI::App& command, ReadingOptions& options);

/// Errc::invalid_input names the flag that is wrong.
Result<replay::ReadRules> read_rules_of(const ReadingOptions& options);

/// An existing file, or `-` for standard input.
extern const CLI::Validator input_path;

}  // namespace packwalk
