// Opens the parts that the roles of a process need, and constructs the roles.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packwalk/installation/installation.h"
#include "packwalk/roles/admin_token_file.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/role_set.h"
#include "packwalk/roles/shared.h"

namespace packwalk {

struct OpenRoles {
  std::unique_ptr<Shared> shared;
  std::vector<std::unique_ptr<Role>> roles;  // in the order in which they start
};

/// `name` is the role in metrics. The token, which is read last, outlives the roles.
Result<OpenRoles> open_roles(Installation& installation, RoleSet set, const std::string& name, AdminTokenFile& token);

}  // namespace packwalk
