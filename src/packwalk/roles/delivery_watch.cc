#include "packwalk/roles/delivery_watch.h"

#include <utility>

namespace packwalk {

DeliveryWatch::News DeliveryWatch::look(const NotifyLevels& levels, Time now) {
  if (!levels.failing) {
    if (!std::exchange(fails_, false)) return {};
    return {News::Kind::works_again};
  }
  if (levels.repeated == told_failures_ || (told_at_ && now - *told_at_ < interval)) return {};
  told_at_ = now;
  fails_ = true;
  return {News::Kind::fails, levels.repeated - std::exchange(told_failures_, levels.repeated)};
}

}  // namespace packwalk
