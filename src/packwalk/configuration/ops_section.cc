#include "packwalk/configuration/ops_section.h"

#include "packwalk/configuration/listen_address.h"

namespace packwalk {
namespace {

Result<void> set_listen(OpsSection& ops, const std::string& address) {
  ops.is_chosen = true;
  return set_address(ops, address);
}

}  // namespace

std::vector<Setting<OpsSection>> ops_settings() {
  return {
      {"listen",
       "Address and port for operators: /metrics, and a /readyz that says what is missing. It asks for no token, so "
       "keep it on this machine or a private network. While nobody sets it, a free port is taken if 8081 is in use; "
       "the file `ops.listen` of the data folder has the address.",
       "\"127.0.0.1:8081\"", set_listen},
  };
}

}  // namespace packwalk
