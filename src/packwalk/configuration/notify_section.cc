#include "packwalk/configuration/notify_section.h"

#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {

std::vector<Setting<NotifySection>> notify_settings() {
  using Of = SettingsOf<NotifySection>;
  return {
      Of::text("webhook_url",
               "Where the role notify posts each event, http://.. or https://.. (docs/api.md, Webhook). Empty: events "
               "are written to the log.",
               &NotifySection::url),
      Of::text("webhook_secret",
               "The secret that signs what is posted, at least 16 bytes: whsec_ and base64, or plain text. Make one: "
               "echo whsec_$(openssl rand -base64 24)",
               &NotifySection::secret),
      Of::text("ca_file",
               "File with the certificates of the authorities that are trusted, for https. Empty: the system's "
               "authorities.",
               &NotifySection::ca_file),
  };
}

Result<void> check(const NotifySection& notify) {
  if (!notify.has_webhook()) {
    if (notify.secret.empty()) return {};
    return fail(Errc::invalid_input, "notify.webhook_secret is set, but notify.webhook_url is not. Set both, or none");
  }
  const auto made = make_webhook_channel(notify);
  if (!made) return fail(Errc::invalid_input, "notify: " + made.error().detail);
  return {};
}

}  // namespace packwalk
