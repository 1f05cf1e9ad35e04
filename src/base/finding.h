// What an examination of one part of an installation found.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"

namespace packwalk {

/// fine: as it should be. doubtful: it works, and somebody should look. fault: packets or answers fail, or soon will.
enum class Severity { fine, doubtful, fault };

struct Finding {
  Severity severity = Severity::fine;
  std::string part;    // "PostgreSQL"
  std::string says;    // a sentence without its full stop; holds no secret
  std::string remedy;  // what to do; empty when nothing is to be done
};

/// Takes, from any thread, what somebody should know or do.
using TellFinding = std::function<void(const Finding&)>;

/// The findings about one part, in the order in which they were made.
class Findings {
 public:
  explicit Findings(std::string part) : part_(std::move(part)) {}

  void fine(std::string says) { add(Severity::fine, std::move(says), {}); }
  void doubt(std::string says, std::string remedy) { add(Severity::doubtful, std::move(says), std::move(remedy)); }
  void fault(std::string says, std::string remedy) { add(Severity::fault, std::move(says), std::move(remedy)); }

  /// The part's clock said `theirs` between our `before` and `after`. More than a minute apart is a fault: packets
  /// would be judged to come from the future, and positions seem older than they are.
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
