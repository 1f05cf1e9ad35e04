#include "doors/device_admission.h"

#include <utility>

#include "base/token.h"
#include "http/problem.h"

namespace packwalk {
namespace {

// A phone whose token was rotated waits until somebody corrects it, and loses nothing.
constexpr int wait_for_correction_seconds = 3600;

using Admitted = std::function<void(DeviceNumber)>;

constexpr std::string_view replaced_token =
    "this token was replaced by a new one: give the device the new token; packets that it keeps can be sent then";

void refuse_login(const DoorParts& parts, const Caller& caller, LogInFailure cause, const Reply& refuse) {
  if (parts.failed_log_ins) parts.failed_log_ins->note(caller.address, caller.door, cause);
  const bool showed_none = cause == LogInFailure::no_token;
  refuse(unauthorized(showed_none ? "a device shows its token: Authorization: Bearer <token>" : "nobody has this token",
                      !showed_none));
}

/// Of a token that the directory was asked about.
void settle(const DoorParts& parts, const Caller& caller, const TokenLookup& lookup, const Reply& refuse,
            const Admitted& admitted) {
  switch (lookup.standing) {
    case TokenStanding::valid:
      if (const auto reached = parts.packets.limit_of(lookup.device)) {
        return refuse(refuse_for_now(parts, {caller.door, lookup.device, caller.address}, *reached));
      }
      return admitted(lookup.device);
    case TokenStanding::replaced:
      parts.refused({caller.door, "replaced_token", caller.address, lookup.device});
      return refuse(try_again(replaced_token, wait_for_correction_seconds));
    case TokenStanding::unknown:
      return refuse_login(parts, caller, LogInFailure::unknown_token, refuse);
  }
}

}  // namespace

Response refuse_for_now(const DoorParts& parts, const Sender& sender, const LimitReached& reached) {
  const bool of_day = reached.limit == DeviceLimit::day;
  parts.limited(sender.door, name_of(reached.limit));
  parts.refused({sender.door, of_day ? "day_limit" : "unreadable_limit", sender.address, sender.device});
  return try_again(of_day ? "this device has sent as many packets as it may in a day"
                          : "this device has sent too many bodies that cannot be read",
                   static_cast<int>(reached.retry_after.count()));
}

Caller caller_of(const Request& request, std::string_view door, std::string token) {
  return {door, std::move(token), request.remote_address, request.received_at, request.device};
}

/// A token that nobody knows may have been made by another process a moment ago, so the registry is asked before it is
/// refused.
void admit(const DoorParts& parts, Caller caller, const Reply& refuse, Admitted admitted) {
  if (caller.device) return admitted(*caller.device);
  if (caller.token.empty()) return refuse_login(parts, caller, LogInFailure::no_token, refuse);
  const bool may_be_known = is_token(caller.token);
  const TokenLookup lookup = may_be_known ? parts.directory.by_token(caller.token) : TokenLookup{};
  if (lookup.standing != TokenStanding::unknown) return settle(parts, caller, lookup, refuse, admitted);
  auto limited = parts.failed_log_ins ? parts.failed_log_ins->too_many(caller.address, caller.door) : std::nullopt;
  if (limited) return refuse(*std::move(limited));
  if (!may_be_known) return refuse_login(parts, caller, LogInFailure::unknown_token, refuse);
  Asker asker{.caller = caller.address};
  auto ask_registry = [&parts, caller = std::move(caller), refuse, admitted = std::move(admitted)] {
    if (auto refreshed = parts.directory.refresh(caller.asked_at); !refreshed) {
      refuse(try_again("nobody can look this token up now", retry_soon_seconds));
    } else {
      settle(parts, caller, parts.directory.by_token(caller.token), refuse, admitted);
    }
  };
  const auto failed = [refuse] { refuse(try_again("nobody can look this token up now", retry_soon_seconds)); };
  if (!parts.pool.run(std::move(ask_registry), failed, std::move(asker))) refuse(problem_of({Errc::overloaded, ""}));
}

}  // namespace packwalk
