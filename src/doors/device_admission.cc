#include "doors/device_admission.h"

#include <utility>

#include "app/access/identify.h"
#include "http/problem.h"

namespace packwalk {
namespace {

// A phone with a replaced token keeps its packets until its token is corrected.
constexpr int wait_for_correction_seconds = 3600;

using Admitted = std::function<void(DeviceNumber)>;

constexpr std::string_view replaced_token =
    "A new token has replaced this one. Give the device the new token, and it sends the packets that it kept.";

void refuse_login(const DoorParts& parts, const Visitor& visitor, const Reply& refuse) {
  const bool showed_none = visitor.token.empty();
  if (parts.failed_log_ins) {
    parts.failed_log_ins->note(visitor.address, visitor.door,
                               showed_none ? LogInFailure::no_token : LogInFailure::unknown_token);
  }
  refuse(showed_none
             ? unauthorized(Problem::no_token, "Send the device token as `Authorization: Bearer <token>`.")
             : unauthorized(Problem::unknown_token,
                            "Unknown device token. Check the token or rotate it with `packwalk device rotate-token`."));
}

/// The answer for a token after the look-up in the directory.
void settle(const DoorParts& parts, const Visitor& visitor, const Identity& identity, const Reply& refuse,
            const Admitted& admitted) {
  if (identity.replaced) {
    parts.refused({visitor.door, "replaced_token", visitor.address, identity.replaced});
    return refuse(try_again(Problem::token_replaced, replaced_token, wait_for_correction_seconds));
  }
  const auto* device = std::get_if<CallingDevice>(&identity.caller);
  if (!device || !may(identity.caller, relation_of(identity.caller, device->number), Action::send_packets)) {
    return refuse_login(parts, visitor, refuse);
  }
  if (const auto reached = parts.packets.limit_of(device->number)) {
    return refuse(refuse_for_now(parts, {visitor.door, device->number, visitor.address}, *reached));
  }
  admitted(device->number);
}

}  // namespace

Response refuse_for_now(const DoorParts& parts, const Sender& sender, const LimitReached& reached) {
  const bool of_day = reached.limit == DeviceLimit::day;
  parts.limited(sender.door, name_of(reached.limit));
  parts.refused({sender.door, of_day ? "day_limit" : "unreadable_limit", sender.address, sender.device});
  return try_again(Problem::device_limit,
                   of_day ? "The device has reached its limit of packets per day. Retry after the time in Retry-After."
                          : "The device has sent too many unreadable bodies. Retry after the time in Retry-After.",
                   static_cast<int>(reached.retry_after.count()));
}

Visitor visitor_of(const Request& request, std::string_view door, std::string token) {
  return {door, std::move(token), request.remote_address, request.received_at, request.device, request.id};
}

void admit(const DoorParts& parts, Visitor visitor, const Reply& refuse, Admitted admitted) {
  if (visitor.device) return admitted(*visitor.device);
  const Identify identify(parts.directory);
  const Credentials shown = ShownToken{visitor.token};
  const Identity identity = identify.from_memory(shown);
  if (identity.is_known()) return settle(parts, visitor, identity, refuse, admitted);
  if (visitor.token.empty()) return refuse_login(parts, visitor, refuse);
  auto limited = parts.failed_log_ins ? parts.failed_log_ins->too_many(visitor.address, visitor.door) : std::nullopt;
  if (limited) return refuse(*std::move(limited));
  if (!identity.may_be_new) return refuse_login(parts, visitor, refuse);
  const auto since = visitor.asked_at;
  const auto background = [&parts, asker = Asker{.caller = visitor.address, .request_id = visitor.request_id}](
                              auto work, auto failed) {
    return parts.pool.run(std::move(work), std::move(failed), asker);
  };
  auto settled = [&parts, visitor = std::move(visitor), refuse,
                  admitted = std::move(admitted)](const Result<Identity>& found) {
    if (found) return settle(parts, visitor, *found, refuse, admitted);
    if (found.error().code == Errc::overloaded) return refuse(problem_of(found.error()));
    refuse(try_again(Problem::unavailable, "The server cannot look up this token now. Try again later."));
  };
  identify.look_again(shown, since, background, std::move(settled));
}

}  // namespace packwalk
