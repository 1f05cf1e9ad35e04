#include "packwalk/subcommand.h"

#include <iostream>

namespace packwalk {

int complain(const std::string& sentence) {
  std::cerr << "packwalk: " << sentence << '\n';
  return exit_failure;
}

}  // namespace packwalk
