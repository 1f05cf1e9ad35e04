#include "packwalk/commands/subcommand.h"

#include <iostream>

#include "base/text.h"

namespace packwalk {

int complain(const std::string& sentence) {
  std::cerr << "packwalk: " << for_terminal(sentence) << '\n';
  return exit_failure;
}

int complain_of_usage(const std::string& sentence) {
  complain(sentence);
  return exit_misuse;
}

}  // namespace packwalk
