#include "packwalk/commands/queue_command.h"

#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/pack.h"
#include "base/text.h"
#include "core/packet/mqtt_topic.h"
#include "packwalk/commands/csv_field.h"
#include "packwalk/commands/journal_command.h"
#include "packwalk/commands/json_lines.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

using rabbitmq::Link;

struct QueueOptions : InstallationOptions {
  bool dead = false;
  bool json = false;
};

int with_broker(const Installation& installation, const std::function<Result<void>(Link&, const BrokerOptions&)>& use) {
  const BrokerOptions& broker = installation.config().queue;
  auto link = Link::open_any(broker);
  if (!link) return complain(link.error().detail);
  auto done = link->declare(broker);
  if (done) done = use(*link, broker);
  if (done) link->close();  // so that what was acknowledged does not come back
  return done ? exit_success : complain(done.error().detail);
}

int status(const QueueOptions& options, const Installation& installation) {
  if (installation.config().queue.is_embedded()) return show_journal_status(installation, options.json);
  return with_broker(installation, [&](Link& link, const BrokerOptions& broker) -> Result<void> {
    const auto waiting = link.count_in(broker.queue);
    if (!waiting) return waiting.failure();
    const auto dead = link.count_in(broker.dead_queue());
    if (!dead) return dead.failure();
    if (options.json) {
      std::cout << json_object([&](JsonWriter& status) {
        status.member("queue", broker.queue);
        status.member("message_count", waiting->ready);
        status.member("dead_letter_count", dead->ready);
      }) << '\n';
      return {};
    }
    std::cout << "queue: " << broker.queue << "\nmessages: " << waiting->ready << "\ndead letters: " << dead->ready
              << '\n';
    return {};
  });
}

/// Addresses a dead letter to where it came from: what gateways packed to the queue, what came over MQTT to its
/// exchange and topic, which tells whose it is. False when it can be neither.
bool send_home(rabbitmq::Delivered& dead, const BrokerOptions& broker) {
  if (dead.exchange == broker.mqtt_exchange()) return device_of_packets_key(dead.routing_key).has_value();
  if (!dead.exchange.empty() || dead.content_type != rabbitmq::pack_type) return false;
  dead.routing_key = broker.queue;
  return true;
}

/// All are taken and none acknowledged, so that they go back when the link ends.
int list(const QueueOptions& options, const Installation& installation) {
  if (installation.config().queue.is_embedded()) return list_dead_letters(installation, options.json);
  return with_broker(installation, [&](Link& link, const BrokerOptions& broker) -> Result<void> {
    const auto there = link.count_in(broker.dead_queue());
    if (!there) return there.failure();
    JsonLines array;
    if (!options.json) std::cout << "exchange,routing_key,content_type,bytes\n";
    for (std::uint32_t i = 0; i < there->ready; ++i) {
      const auto dead = link.get(broker.dead_queue());
      if (!dead) return dead.failure();
      if (!*dead) break;
      const rabbitmq::Delivered& letter = **dead;
      if (options.json) {
        std::cout << array.next() << json_object([&](JsonWriter& object) {
          object.member("exchange", letter.exchange);
          object.member("routing_key", letter.routing_key);
          object.member("content_type", letter.content_type);
          object.member("bytes", letter.body.size());
        });
      } else {
        for (const std::string& each : {letter.exchange, letter.routing_key, letter.content_type}) {
          std::cout << csv_field(for_terminal(each)) << ',';  // a publisher may write anything there
        }
        std::cout << letter.body.size() << '\n';
      }
    }
    if (options.json) std::cout << array.end();
    return {};
  });
}

/// Each is published again and only then taken off, so that a crash between leaves it twice and never lost.
int requeue_dead(const QueueOptions& /*options*/, const Installation& installation) {
  if (installation.config().queue.is_embedded()) return requeue_dead_letters(installation);
  return with_broker(installation, [](Link& link, const BrokerOptions& broker) -> Result<void> {
    const auto there = link.count_in(broker.dead_queue());
    if (!there) return there.failure();
    if (auto ready = link.confirm_publishes(); !ready) return ready;
    std::uint32_t done = 0;
    std::uint32_t left = 0;
    while (done + left < there->ready) {  // no more than there were: what dies again comes back
      auto dead = link.get(broker.dead_queue());
      if (!dead) return dead.failure();
      if (!*dead) break;
      if (!send_home(**dead, broker)) {
        ++left;  // unacknowledged it goes back when this link ends
        continue;
      }
      if (auto moved = link.publish_again(**dead); !moved) return moved;
      if (auto taken = link.acknowledge((*dead)->tag); !taken) return taken;
      ++done;
    }
    std::cout << counted(done, "dead letter is", "dead letters are") << " in the queue again\n";
    if (left > 0) std::cout << counted(left, "stays", "stay") << ": nobody can tell any more where it came from\n";
    return {};
  });
}

int purge(const QueueOptions& options, const Installation& installation) {
  if (installation.config().queue.is_embedded()) return purge_journal(installation, options.dead);
  return with_broker(installation, [&](Link& link, const BrokerOptions& broker) -> Result<void> {
    const auto purged = link.purge(options.dead ? broker.dead_queue() : broker.queue);
    if (!purged) return purged.failure();
    std::cout << counted(*purged, "message is gone", "messages are gone") << '\n';
    return {};
  });
}

/// Without a broker the queue is the journal in the data folder.
int run(const QueueOptions& options, int (*act)(const QueueOptions&, const Installation&)) {
  const auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  if (installation->config().queue.is_embedded()) {
    if (auto found = find_journal(*installation); !found) return complain(found.error().detail);
  }
  return act(options, *installation);
}

}  // namespace

void add_queue(CLI::App& app, Chosen& chosen) {
  CLI::App* queue =
      app.add_subcommand("queue", "What waits in the queue, at the broker or in the data folder, and its dead letters");
  queue->require_subcommand(1);
  auto options = std::make_shared<QueueOptions>();
  const auto action = [&](const char* name, const char* help, int (*act)(const QueueOptions&, const Installation&)) {
    CLI::App* command = queue->add_subcommand(name, help);
    options->add_to(*command, "Folder of the server, with its packwalk.toml");
    command->callback([options, act, &chosen] { chosen = [options, act] { return run(*options, act); }; });
    return command;
  };
  action("status", "Print how many messages wait, and how many dead letters there are", status)
      ->add_flag("--json", options->json, "As JSON");
  action("list", "Print a line for each dead letter, with the reason where it is known", list)
      ->add_flag("--json", options->json, "As JSON");
  action("requeue-dead", "Put the dead letters into the queue again", requeue_dead);
  action("purge",
         "LOSES CONFIRMED PACKETS: deletes all that waits, requeued dead letters included; their devices never send it "
         "again. Without a broker, stop the server first",
         purge)
      ->add_flag(
          "--dead", options->dead,
          "Delete the dead letters instead, also while a server runs. Those that were requeued belong to the queue "
          "and stay");
}

}  // namespace packwalk
