// The findings about one part of an installation.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"

namespace packwalk {

/// fine: all is well. doubtful: it works, but needs attention. fault: packets or answers fail, or soon will.
enum class Severity { fine, doubtful, fault };

struct Finding {
  Severity severity = Severity::fine;
  std::string part;    // "PostgreSQL"
  std::string says;    // a sentence without its full stop; holds no secret
  std::string remedy;  // what to do; empty if nothing
};

/// Receives findings, from any thread.
using TellFinding = std::function<void(const Finding&)>;

/// The findings about one part, in order.
class Findings {
 public:
  explicit Findings(std::string part) : part_(std::move(part)) {}

  void fine(std::string says) { add(Severity::fine, std::move(says), {}); }
  void doubt(std::string says, std::string remedy) { add(Severity::doubtful, std::move(says), std::move(remedy)); }
  void fault(std::string says, std::string remedy) { add(Severity::fault, std::move(says), std::move(remedy)); }

  /// Compares the part's clock `theirs` with ours, `before` and `after`. A difference of more than a minute is a fault:
  /// packets would seem to come from the future, and positions would seem too old.
  void compare_clocks(ServerTime before, ServerTime theirs, ServerTime after);

  std::vector<Finding> all() && { return std::move(all_); }

 private:
  void add(Severity severity, std::string says, std::string remedy) {
    all_.push_back({severity, part_, std::move(says), std::move(remedy)});
  }

  const std::string part_;
  std::vector<Finding> all_;
};

}  // namespace packwalk
