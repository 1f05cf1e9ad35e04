#include "adapters/push/log_channel.h"

#include <utility>

#include "adapters/push/notification_json.h"

namespace packwalk {
namespace {

class LogChannel final : public PushChannel {
 public:
  explicit LogChannel(std::function<void(const std::string&)> write) : write_(std::move(write)) {}

  DeliveryOutcome send(const Event& event, const std::string& device_id, ServerTime) override {
    write_(notification_json(event, device_id));
    return {DeliveryOutcome::Result::delivered, ""};
  }

 private:
  const std::function<void(const std::string&)> write_;
};

}  // namespace

std::unique_ptr<PushChannel> make_log_channel(std::function<void(const std::string& json)> write) {
  return std::make_unique<LogChannel>(std::move(write));
}

}  // namespace packwalk
