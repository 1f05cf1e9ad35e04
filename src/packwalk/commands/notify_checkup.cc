#include "packwalk/commands/notify_checkup.h"

#include <chrono>
#include <string>

#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::chrono::minutes wait_max{5};

}  // namespace

std::vector<Finding> examine_notifications(Outbox& outbox, ServerTime now) {
  Findings findings("notify");
  const auto waiting = outbox.levels();
  if (!waiting || !waiting->oldest || now - *waiting->oldest <= wait_max) return std::move(findings).all();
  const auto minutes = std::chrono::floor<std::chrono::minutes>(now - *waiting->oldest);
  findings.doubt("notifications are not delivered: " + std::to_string(waiting->events + waiting->notifications) +
                     " wait, the oldest for " + counted(minutes.count(), "minute"),
                 "look for event=notification_failed in the log of the server, and check notify.webhook_url and its "
                 "receiver");
  return std::move(findings).all();
}

}  // namespace packwalk
