#include "core/access/access.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace packwalk {

Relation relation_of(const Caller& caller, DeviceNumber device) {
  const auto* calling = std::get_if<CallingDevice>(&caller);
  return calling && calling->number == device ? Relation::self : Relation::stranger;
}

bool may(const Caller& caller, Relation relation, Action action) {
  struct Decide {
    Relation relation;
    Action action;

    bool operator()(Nobody) const { return false; }
    bool operator()(CallingDevice) const { return relation == Relation::self && action == Action::send_packets; }
    bool operator()(Administrator) const { return action != Action::send_packets; }
  };
  return std::visit(Decide{relation, action}, caller);
}

bool may_with_any(const Caller& caller, Action action) {
  constexpr std::array relations = {Relation::stranger, Relation::self};
  return std::any_of(relations.begin(), relations.end(),
                     [&](Relation relation) { return may(caller, relation, action); });
}

Access access_to(const Caller& caller, Relation relation, Action action) {
  if (may(caller, relation, action)) return Access::granted;
  const bool is_visible = relation == Relation::self || may(caller, relation, Action::present);
  return is_visible ? Access::forbidden : Access::hidden;
}

Sight Sight::of(std::vector<DeviceNumber> devices) {
  std::sort(devices.begin(), devices.end());
  devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
  return {false, std::move(devices)};
}

bool Sight::sees(DeviceNumber device) const {
  return sees_all_ || std::binary_search(devices_.begin(), devices_.end(), device);
}

std::span<const DeviceNumber> Sight::devices() const {
  assert(!sees_all_);
  return devices_;
}

Sight sight_of(const Caller& caller, Action action) {
  if (may(caller, Relation::stranger, action)) return Sight::of_all();
  const auto* calling = std::get_if<CallingDevice>(&caller);
  if (calling && may(caller, Relation::self, action)) return Sight::of({calling->number});
  return Sight::of({});
}

}  // namespace packwalk
