#include "packwalk/configuration/notify_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<NotifySection>> notify_settings() {
  using Of = SettingsOf<NotifySection>;
  return {
      Of::text("webhook_url",
               "URL to which the role notify posts each event, http://.. or https://.. (docs/api.md, Webhook). Empty: "
               "notify writes events to the log, at level info.",
               within(&NotifySection::webhook, &WebhookOptions::url)),
      Of::text("webhook_secret",
               "Secret that signs each post, at least 16 bytes: whsec_ and base64, or plain text. To create one: echo "
               "whsec_$(openssl rand -base64 24)",
               within(&NotifySection::webhook, &WebhookOptions::secret)),
      Of::text("ca_file", "CA bundle that verifies the server if the URL is https. Empty: the bundle of the system.",
               within(&NotifySection::webhook, &WebhookOptions::ca_file)),
  };
}

Result<void> check(const NotifySection& notify) {
  if (!notify.has_webhook()) {
    if (notify.webhook.secret.empty()) return {};
    return fail(Errc::invalid_input,
                "notify.webhook_secret is set, but notify.webhook_url is not. Set both or neither");
  }
  const auto made = make_webhook_channel(notify.webhook);
  if (!made) return fail(Errc::invalid_input, "notify: " + made.error().detail);
  return {};
}

}  // namespace packwalk
