#include "adapters/rabbitmq/rabbitmq_checkup.h"

#include <string>
#include <string_view>
#include <tuple>

#include "adapters/rabbitmq/link.h"
#include "base/text.h"

namespace packwalk {
namespace {

using rabbitmq::Link;

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string remedy_for(std::string_view detail) {
  if (holds(detail, "ACCESS_REFUSED")) return "correct the user or the password in queue.urls";
  if (holds(detail, "not found") || holds(detail, "NOT_ALLOWED")) {
    return "create the vhost, grant the user permissions (rabbitmqctl set_permissions), or correct queue.urls";
  }
  if (holds(detail, "SSL") || holds(detail, "certificate"))
    return "correct queue.ca_file or the certificate of the broker";
  return "start the broker, or correct host and port in queue.urls";
}

bool is_old(std::string_view version) {
  const std::size_t dot = version.find('.');
  const std::size_t end = version.find('.', dot + 1);
  const auto major = number_from<int>(version.substr(0, dot));
  const auto minor =
      dot == std::string_view::npos ? std::nullopt : number_from<int>(version.substr(dot + 1, end - dot - 1));
  return major && minor && std::tie(*major, *minor) < std::tuple(3, 10);
}

/// Checks the declaration of the queue, and its content. Comes last, because a link cannot be used after an error. Does
/// not create a missing queue: its creator determines its nodes in a cluster.
void examine_queue(Link& link, const BrokerOptions& options, Findings& findings) {
  if (const auto there = link.count_in(options.queue); !there && holds(there.error().detail, "NOT_FOUND")) {
    findings.doubt("there is no queue " + options.queue + " yet",
                   "the first `packwalk gateway` or `ingest` creates it");
    return;
  }
  if (const auto declared = link.declare(options); !declared) {
    const bool differs = holds(declared.error().detail, "PRECONDITION_FAILED");
    findings.fault(
        declared.error().detail,
        differs ? "the limits of the queue differ from the configuration: drain it, delete it, and restart the roles"
                : "grant the user configure, write and read for names that begin with the queue's name, and write for "
                  "amq.default");
    return;
  }
  const auto queue = link.count_in(options.queue);
  const auto dead = link.count_in(options.dead_queue());
  if (!queue || !dead) {
    findings.fault((queue ? dead : queue).error().detail, "read the log of the broker");
    return;
  }
  findings.fine("queue " + options.queue + ": " + counted(queue->ready, "message waits", "messages wait") + ", " +
                counted(queue->consumers, "worker takes", "workers take") + " them");
  if (queue->consumers == 0 && queue->ready > 0) {
    findings.doubt("messages wait in the queue, but no worker consumes them", "start `packwalk ingest`");
  }
  if (dead->ready > 0) {
    findings.doubt(counted(dead->ready, "dead letter"),
                   "read the log of the workers, fix the cause, then run `packwalk queue requeue-dead`");
  }
}

/// Checks one broker. Returns a link if it accepts messages.
Result<Link> examine_broker(const std::string& url, const BrokerOptions& options, Findings& findings) {
  auto link = Link::open(url, options);
  if (!link) {
    findings.fault(link.error().detail, remedy_for(link.error().detail));
    return link;
  }
  findings.fine("version " + link->version() + " answers at " + link->where());
  if (is_old(link->version())) findings.fault("version " + link->version() + " is too old", "use 3.10 or later");
  if (const auto taken = link->try_publishing(options); !taken) {
    findings.fault("it accepts no messages: " + taken.error().detail,
                   "check for an alarm of memory or disk: `rabbitmq-diagnostics alarms`");
    return taken.failure();
  }
  return link;
}

}  // namespace

std::vector<Finding> examine_rabbitmq(const BrokerOptions& options) {
  Findings findings("RabbitMQ");
  Result<Link> working = fail(Errc::unavailable, "no broker works");
  for (const std::string& url : options.urls) {
    auto link = examine_broker(url, options, findings);
    if (!working) working = std::move(link);
  }
  if (working) examine_queue(*working, options, findings);
  return std::move(findings).all();
}

std::vector<Finding> examine_mqtt(const BrokerOptions& options, std::uint16_t port) {
  Findings findings("MQTT");
  for (const std::string& url : options.urls) {
    if (const auto where = rabbitmq::knock(url, port)) {
      findings.fine("a server listens for MQTT collars at " + *where);
    } else {
      findings.fault(where.error().detail,
                     "run `rabbitmq-plugins enable rabbitmq_mqtt`, and let it listen there, or correct mqtt.port");
    }
  }
  return std::move(findings).all();
}

}  // namespace packwalk
