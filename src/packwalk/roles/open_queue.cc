#include "packwalk/roles/open_queue.h"

#include <chrono>
#include <limits>
#include <string_view>
#include <utility>

#include "adapters/journal/journal_packet_queue.h"
#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/rabbitmq_intake.h"
#include "adapters/rabbitmq/rabbitmq_source.h"
#include "app/ingest/decode_upload.h"
#include "base/work_limits.h"
#include "packwalk/installation/log.h"

namespace packwalk {
namespace {

/// Doors have checked the number of packets. A message from MQTT passed no door; with too many packets, it becomes one
/// unreadable message.
DecodeUpload decode_of_taken(const AcceptRules& rules) {
  AcceptRules of_doors = rules;
  of_doors.packets_max = std::numeric_limits<std::size_t>::max();
  return [of_doors, of_mqtt = rules](Upload& upload) {
    auto decoded = decode_upload(upload, is_mqtt(upload.transport) ? of_mqtt : of_doors);
    if (!decoded && decoded.error().code == Errc::too_large) {
      upload.unreadable = decoded.error().detail;
      decoded = decode_upload(upload, of_doors);
    }
    if (!decoded) upload.messages.clear();
  };
}

/// Logs the findings of the journal: damaged files and dead letters.
void log_finding(const Finding& finding) {
  const auto log = finding.severity == Severity::fault ? log_error : log_warning;
  log("queue", {{"part", finding.part}, {"reason", finding.says}, {"remedy", finding.remedy}});
}

/// Both ends within this process.
Result<QueueEnds> open_journal(const Installation& installation, RoleSet roles) {
  if (!roles.gateway || !roles.ingest)
    return fail(Errc::invalid_input,
                "queue.urls is not set, but a role in a process of its own needs a broker. Set queue.urls, or run "
                "`packwalk serve`");
  const Config& config = installation.config();
  auto queue = open_journal_packet_queue(installation.path_of("queue"), config.ingest.queue,
                                         decode_of_taken(config.packets.rules), log_finding);
  if (!queue) return queue.failure();
  const std::shared_ptr<PacketQueue> both = *std::move(queue);
  return QueueEnds{.intake = both, .mqtt_door = {}, .source = both};
}

/// Finds the device of a message that has only the id. If the device is unknown, queries the store again, because it
/// may be new. The thread that calls it also sends the broker's heartbeats: so a query has little time, and while the
/// store does not answer, not each message queries it.
class DeviceFinder {
 public:
  explicit DeviceFinder(DeviceDirectory& known) : known_(known) {}

  Result<std::optional<DeviceNumber>> operator()(std::string_view id) {
    const auto look = [&] { return known_.by_id(id); };
    const auto now = std::chrono::steady_clock::now();
    if (failed_ && now < ask_again_at_) {
      if (const auto found = look()) return found;
      return Failure(*failed_);
    }
    const LimitedWork brief({.deadline = now + std::chrono::seconds(5)});
    auto found = known_.look_again(look, now);
    failed_ = found ? std::nullopt : std::optional(found.error());
    if (failed_) ask_again_at_ = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    return found;
  }

 private:
  DeviceDirectory& known_;
  std::optional<Error> failed_;
  std::chrono::steady_clock::time_point ask_again_at_;
};

/// The authentication of MQTT collars, if the broker uses it.
Result<std::optional<MqttDoor>> mqtt_door_of(const Config& config) {
  if (!config.mqtt.auth) return std::optional<MqttDoor>();
  if (config.queue.is_embedded())
    return fail(Errc::invalid_input,
                "mqtt.auth_listen is set, but queue.urls is not. Set queue.urls, or remove mqtt.auth_listen");
  auto vhost = rabbitmq::vhost_of(config.queue.urls.front());
  if (!vhost) return vhost.failure();
  return std::optional(MqttDoor{*std::move(vhost), config.queue.mqtt_exchange()});
}

}  // namespace

Result<QueueEnds> open_queue(const Installation& installation, Shared& shared, RoleSet roles) {
  if (!roles.gateway && !roles.ingest) return QueueEnds{};
  const Config& config = installation.config();
  QueueEnds ends;
  if (roles.gateway) {
    auto door = mqtt_door_of(config);
    if (!door) return door.failure();
    ends.mqtt_door = *std::move(door);
  }
  if (config.queue.is_embedded()) return open_journal(installation, roles);
  if (roles.gateway) ends.intake = make_rabbitmq_intake(config.queue);
  if (roles.ingest) {
    const auto store_answers = [&answered = shared.store_answered] { return answered.is_within(silence_max); };
    ends.source = make_rabbitmq_source(config.queue,
                                       {decode_of_taken(config.packets.rules), DeviceFinder(shared.directory),
                                        config.http.unpacked_bytes_max, store_answers},
                                       shared.clock);
  }
  return ends;
}

}  // namespace packwalk
