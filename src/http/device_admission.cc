#include "http/device_admission.h"

#include <utility>

#include "base/token.h"
#include "http/problem.h"

namespace packwalk {
namespace {

// A phone whose token was rotated waits until somebody corrects it, and loses nothing.
constexpr int wait_for_correction_seconds = 3600;
constexpr int retry_soon_seconds = 5;

using Admitted = std::function<void(DeviceNumber)>;

/// Of a token that the directory was asked about.
void settle(const DoorParts& parts, std::string_view door, const TokenLookup& lookup, const Reply& refuse,
            const Admitted& admitted) {
  switch (lookup.standing) {
    case TokenStanding::valid:
      if (const auto reached = parts.packets.limit_of(lookup.device)) {
        return refuse(refuse_for_now(parts, door, lookup.device, *reached));
      }
      return admitted(lookup.device);
    case TokenStanding::replaced:
      return refuse(try_again("this token was replaced by a new one", wait_for_correction_seconds));
    case TokenStanding::unknown:
      return refuse(unauthorized("nobody has this token"));
  }
}

}  // namespace

Response refuse_for_now(const DoorParts& parts, std::string_view door, DeviceNumber device,
                        const LimitReached& reached) {
  parts.refused(door, name_of(reached.limit), device);
  return try_again(reached.limit == DeviceLimit::day ? "this device has sent as many packets as it may in a day"
                                                     : "this device has sent too many bodies that cannot be read",
                   static_cast<int>(reached.retry_after.count()));
}

/// A token that nobody knows may have been made by another process a moment ago, so the registry is asked before it is
/// refused.
void admit(const DoorParts& parts, Caller caller, const Reply& refuse, Admitted admitted) {
  if (caller.token.empty()) return refuse(unauthorized("a device shows its token: Authorization: Bearer <token>"));
  if (!is_token(caller.token)) return refuse(unauthorized("nobody has this token"));
  const TokenLookup lookup = parts.directory.by_token(caller.token);
  if (lookup.standing != TokenStanding::unknown) return settle(parts, caller.door, lookup, refuse, admitted);
  auto ask_registry = [&parts, caller = std::move(caller), refuse, admitted = std::move(admitted)] {
    if (auto refreshed = parts.directory.refresh(caller.asked_at); !refreshed) {
      refuse(try_again("nobody can look this token up now", retry_soon_seconds));
    } else {
      settle(parts, caller.door, parts.directory.by_token(caller.token), refuse, admitted);
    }
  };
  const auto failed = [refuse] { refuse(try_again("nobody can look this token up now", retry_soon_seconds)); };
  if (!parts.pool.run(std::move(ask_registry), failed)) refuse(problem_of({Errc::overloaded, ""}));
}

}  // namespace packwalk
