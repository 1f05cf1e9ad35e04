#include "core/walk/touched_seconds.h"

namespace packwalk {

Seconds chains_around(Seconds changed, std::span<const Contact> contacts, const WalkRules& rules) {
  const auto join = [&](const Contact& contact) {
    const Seconds of_contact{contact.from, contact.to};
    if (touch(of_contact, widened(changed, chain_reach(rules)))) changed = hull(changed, of_contact);
  };
  std::for_each(contacts.begin(), contacts.end(), join);    // forward from what changed,
  std::for_each(contacts.rbegin(), contacts.rend(), join);  // and back
  return changed;
}

}  // namespace packwalk
