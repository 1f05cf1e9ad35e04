#include "app/access/identify.h"

#include <utility>

#include "base/token.h"

namespace packwalk {

Identity Identify::by_token(std::string_view token) const {
  if (admin_ && admin_->is(token)) return {.caller = Administrator{}};
  if (!is_token(token)) return {};
  const TokenLookup lookup = directory_.by_token(token);
  switch (lookup.standing) {
    case TokenStanding::valid:
      return {.caller = CallingDevice{lookup.device}};
    case TokenStanding::replaced:
      return {.caller = Nobody{}, .replaced = lookup.device};
    case TokenStanding::unknown:
      break;
  }
  return {.caller = Nobody{}, .may_be_new = true};
}

Identity Identify::by_tracker_id(std::string_view id) const {
  const auto device = directory_.find(id);
  if (device && !device->removed_at) return {.caller = CallingDevice{device->number}};
  return {.caller = Nobody{}, .may_be_new = true};
}

Identity Identify::from_memory(const Credentials& credentials) const {
  if (const auto* token = std::get_if<ShownToken>(&credentials)) return by_token(token->text);
  return by_tracker_id(std::get<TrackerId>(credentials).text);
}

void Identify::look_again(Credentials credentials, std::chrono::steady_clock::time_point since,
                          const Background& background, Identified done) const {
  const auto failed = [done] { done(fail(Errc::unavailable, "the look-up failed")); };
  auto work = [self = *this, credentials = std::move(credentials), since, done] {
    Identity identity;
    const auto look = [&] {
      identity = self.from_memory(credentials);
      return identity.is_known();
    };
    if (auto looked = self.directory_.look_again(look, since); !looked) return done(looked.failure());
    done(identity);
  };
  if (!background(std::move(work), failed)) done(fail(Errc::overloaded, "the server has too many waiting look-ups"));
}

}  // namespace packwalk
