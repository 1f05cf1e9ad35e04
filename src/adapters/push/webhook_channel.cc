#include "adapters/push/webhook_channel.h"

#include <array>
#include <chrono>
#include <utility>

#include "adapters/http_client/http_client.h"
#include "adapters/http_client/url_parts.h"
#include "adapters/push/notification_json.h"
#include "base/base64.h"
#include "base/sha256.h"

namespace packwalk {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t secret_bytes_min = 16;
constexpr std::chrono::seconds attempt_max{10};
constexpr std::size_t answer_bytes_max = 16'384;  // not read

class WebhookChannel final : public PushChannel {
 public:
  WebhookChannel(const WebhookOptions& options, WebhookSecret secret)
      : url_(options.url), secret_(std::move(secret)), http_(options.ca_file) {}

  DeliveryOutcome send(const Event& event, const std::string& device_id, ServerTime now) override {
    const std::string body = notification_json(event, device_id);
    const std::string id = idempotency_key(event);
    const std::string timestamp = std::to_string(seconds_since_1970(std::chrono::floor<std::chrono::seconds>(now)));
    const std::array<std::string, 5> headers = {"Content-Type: application/json", "User-Agent: packwalk",
                                                "webhook-id: " + id, "webhook-timestamp: " + timestamp,
                                                "webhook-signature: " + secret_.signature(id, timestamp, body)};
    const auto answer = http_.post(
        {.url = url_, .headers = headers, .body = body, .timeout = attempt_max, .answer_bytes_max = answer_bytes_max});
    if (!answer) return {DeliveryOutcome::Result::retry, answer.error().detail, std::nullopt, true};
    return outcome_of(*answer);
  }

 private:
  static DeliveryOutcome outcome_of(const HttpAnswer& answer) {
    constexpr long gone = 410;
    constexpr long too_many_requests = 429;
    constexpr long unavailable = 503;
    if (answer.status >= 200 && answer.status < 300) return {DeliveryOutcome::Result::delivered, ""};
    const std::string detail = "the webhook answers " + std::to_string(answer.status);
    if (answer.status == gone) return {DeliveryOutcome::Result::refused, detail};
    const bool is_of_channel =
        answer.status == too_many_requests || answer.status == unavailable || answer.retry_after.has_value();
    return {DeliveryOutcome::Result::retry, detail, answer.retry_after, is_of_channel};
  }

  const std::string url_;
  const WebhookSecret secret_;
  HttpClient http_;
};

}  // namespace

Result<WebhookSecret> WebhookSecret::from_text(std::string_view text) {
  std::string bytes(text);
  if (text.starts_with(secret_prefix)) {
    auto decoded = decode_base64(text.substr(secret_prefix.size()));
    if (!decoded) {
      return fail(Errc::invalid_input,
                  "The webhook's secret is not base64 after whsec_. Copy it again, or create one: `echo "
                  "whsec_$(openssl rand -base64 24)`.");
    }
    bytes = *std::move(decoded);
  }
  if (text.empty()) {
    return fail(Errc::invalid_input, "The webhook has no secret. Create one: `echo whsec_$(openssl rand -base64 24)`.");
  }
  if (bytes.size() < secret_bytes_min) {
    return fail(
        Errc::invalid_input,
        "The webhook's secret has fewer than 16 bytes. Create a longer one: `echo whsec_$(openssl rand -base64 24)`.");
  }
  return WebhookSecret(std::move(bytes));
}

std::string WebhookSecret::signature(std::string_view id, std::string_view timestamp, std::string_view body) const {
  std::string signed_text(id);
  signed_text.append(".").append(timestamp).append(".").append(body);
  std::string text = "v1,";
  append_base64(text, hmac_sha256(bytes_, signed_text));
  return text;
}

Result<std::unique_ptr<PushChannel>> make_webhook_channel(const WebhookOptions& options) {
  UrlParts parts(options.url);
  const std::string scheme = parts.scheme();
  if (!parts.is_good() || (scheme != "http" && scheme != "https") || parts.host().empty()) {
    return fail(Errc::invalid_input, "The webhook's url is neither http nor https. Write it as https://host/path.");
  }
  auto secret = WebhookSecret::from_text(options.secret);
  if (!secret) return secret.failure();
  return std::make_unique<WebhookChannel>(options, *std::move(secret));
}

}  // namespace packwalk
