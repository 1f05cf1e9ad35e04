// [notify]: how events leave the server.
#pragma once

#include <vector>

#include "adapters/push/webhook_channel.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct NotifySection {
  WebhookOptions webhook;  // without a url, the role writes events to the log

  bool has_webhook() const { return !webhook.url.empty(); }
};

std::vector<Setting<NotifySection>> notify_settings();

/// Errc::invalid_input: no webhook can be created from the url, the secret and the bundle.
Result<void> check(const NotifySection& notify);

}  // namespace packwalk
