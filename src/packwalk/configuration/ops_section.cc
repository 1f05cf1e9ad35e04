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
       "Address and port for operators: /metrics, and a /readyz that says what is missing. These paths need no token, "
       "so keep the address on this machine or on a private network. If it is not set and port 8081 is in use, the "
       "server picks a free port. The file `ops.listen` of the data folder holds the address.",
       "\"127.0.0.1:8081\"", set_listen},
  };
}

}  // namespace packwalk
