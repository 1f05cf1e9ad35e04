// Notifications by HTTP POST, signed as Standard Webhooks says (https://www.standardwebhooks.com).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ports/push_channel.h"

namespace packwalk {

/// The key that signs notifications to a webhook.
class WebhookSecret {
 public:
  /// "whsec_" and the bytes in base64, or the plain bytes; at least 16 bytes. Errc::invalid_input: it is not valid; the
  /// error does not show the secret.
  static Result<WebhookSecret> from_text(std::string_view text);

  /// The value of the header webhook-signature: "v1," and a base64 HMAC-SHA256 of "id.timestamp.body".
  std::string signature(std::string_view id, std::string_view timestamp, std::string_view body) const;

 private:
  explicit WebhookSecret(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

struct WebhookOptions {
  std::string url;      // http or https, of any address: the operator configures it
  std::string secret;   // as WebhookSecret reads it
  std::string ca_file;  // bundle that verifies the server of an https url; empty: the system's
};

/// Sends the JSON of notification_json.h with the headers webhook-id (the idempotency key), webhook-timestamp (seconds,
/// the time of the attempt) and webhook-signature. A 2xx answer is a delivery, 410 refuses for good, and everything
/// else is worth another attempt. Follows no redirect. An attempt takes 10 s at most. Errc::invalid_input.
Result<std::unique_ptr<PushChannel>> make_webhook_channel(const WebhookOptions& options);

}  // namespace packwalk
