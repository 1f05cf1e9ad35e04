// The roles of a process.
#pragma once

#include <array>

namespace packwalk {

struct RoleSet {
  bool gateway = false;
  bool ingest = false;
  bool analysis = false;
  bool notify = false;
  bool api = false;

  friend bool operator==(const RoleSet&, const RoleSet&) = default;
};

/// A role and the command that runs it.
struct RoleCommand {
  const char* name;
  bool RoleSet::*flag;
  const char* help;
};

inline constexpr std::array role_commands = {
    RoleCommand{"gateway", &RoleSet::gateway,
                "Run the role gateway: accept packets and publish them to the broker queue.urls"},
    RoleCommand{"ingest", &RoleSet::ingest,
                "Run the role ingest: commit packets from the broker to the database store.url"},
    RoleCommand{"analysis", &RoleSet::analysis,
                "Run the role analysis: derive tracks, activity and joint walks in the database store.url"},
    RoleCommand{"notify", &RoleSet::notify,
                "Run the role notify: send events from the database store.url to the webhook or the log"},
    RoleCommand{"api", &RoleSet::api, "Run the role api: answer queries from the database store.url"},
};
static_assert(sizeof(RoleSet) == role_commands.size() * sizeof(bool), "every flag needs a line in role_commands");

inline constexpr RoleSet every_role = [] {
  RoleSet roles;
  for (const RoleCommand& each : role_commands) roles.*each.flag = true;
  return roles;
}();

}  // namespace packwalk
