#include "packwalk/commands/queue_command.h"

#include <CLI/CLI.hpp>
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
  if (done) link->close();  // waits until the broker has the acknowledgements
  return done ? exit_success : complain(done.error().detail);
}

int print_queue_counts(const QueueOptions& options, const Installation& installation) {
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

/// Addresses a dead letter to its origin: an upload from a gateway to the queue, a message from MQTT to its exchange
/// and topic, which names the device. False if the origin is unknown.
bool send_home(rabbitmq::Delivered& dead, const BrokerOptions& broker) {
  if (dead.exchange == broker.mqtt_exchange()) return device_of_packets_key(dead.routing_key).has_value();
  if (!dead.exchange.empty() || dead.content_type != rabbitmq::pack_type) return false;
  dead.routing_key = broker.queue;
  return true;
}

/// Takes all and acknowledges none, so that the broker requeues them when the link ends.
int print_dead_letters(const QueueOptions& options, const Installation& installation) {
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
          std::cout << csv_field(for_terminal(each)) << ',';  // a publisher can write anything into this field
        }
        std::cout << letter.body.size() << '\n';
      }
    }
    if (options.json) std::cout << array.end();
    return {};
  });
}

/// Publishes each message again before it acknowledges it, so that a crash duplicates a message but never loses one.
int requeue_dead(const QueueOptions& /*options*/, const Installation& installation) {
  if (installation.config().queue.is_embedded()) return requeue_dead_letters(installation);
  return with_broker(installation, [](Link& link, const BrokerOptions& broker) -> Result<void> {
    const auto there = link.count_in(broker.dead_queue());
    if (!there) return there.failure();
    if (auto ready = link.confirm_publishes(); !ready) return ready;
    std::uint32_t done = 0;
    std::uint32_t left = 0;
    while (done + left <
           there->ready) {  // no more than the first count: a letter that fails again returns to the dead letters
      auto dead = link.get(broker.dead_queue());
      if (!dead) return dead.failure();
      if (!*dead) break;
      if (!send_home(**dead, broker)) {
        ++left;  // unacknowledged, so the broker requeues it when this link ends
        continue;
      }
      if (auto moved = link.publish_again(**dead); !moved) return moved;
      if (auto taken = link.acknowledge((*dead)->tag); !taken) return taken;
      ++done;
    }
    std::cout << counted(done, "dead letter is", "dead letters are") << " requeued\n";
    if (left > 0) std::cout << counted(left, "stays", "stay") << " cannot be requeued, because its origin is unknown\n";
    return {};
  });
}

int purge(const QueueOptions& options, const Installation& installation) {
  if (installation.config().queue.is_embedded()) return purge_journal(installation, options.dead);
  return with_broker(installation, [&](Link& link, const BrokerOptions& broker) -> Result<void> {
    const auto purged = link.purge(options.dead ? broker.dead_queue() : broker.queue);
    if (!purged) return purged.failure();
    std::cout << counted(*purged, "message was deleted", "messages were deleted") << '\n';
    return {};
  });
}

/// Without a broker, the queue is the journal in the data folder.
int run_queue(const QueueOptions& options, int (*act)(const QueueOptions&, const Installation&)) {
  const auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  if (installation->config().queue.is_embedded()) {
    if (auto found = find_journal(*installation); !found) return complain(found.error().detail);
  }
  return act(options, *installation);
}

}  // namespace

void add_queue(CLI::App& app, Chosen& chosen) {
  CLI::App* queue = app.add_subcommand(
      "queue",
      "Inspect, requeue and delete messages of the queue and its dead letters, at the broker or in the data folder");
  queue->require_subcommand(1);
  auto options = std::make_shared<QueueOptions>();
  const auto action = [&](const char* name, const char* help, int (*act)(const QueueOptions&, const Installation&)) {
    CLI::App* command = queue->add_subcommand(name, help);
    options->add_to(*command, "Folder of the server, with its packwalk.toml");
    command->callback([options, act, &chosen] { chosen = [options, act] { return run_queue(*options, act); }; });
    return command;
  };
  action("status", "Print how many messages and dead letters wait", print_queue_counts)
      ->add_flag("--json", options->json, "Print JSON");
  action("list", "Print one line per dead letter, with the reason if it is known", print_dead_letters)
      ->add_flag("--json", options->json, "Print JSON");
  action("requeue-dead", "Move the dead letters back into the queue", requeue_dead);
  action("purge",
         "LOSES CONFIRMED PACKETS: delete all waiting messages, including requeued dead letters. Devices never send "
         "them again. Without a broker, stop the server first",
         purge)
      ->add_flag(
          "--dead", options->dead,
          "Delete only the dead letters, also while a server runs. Requeued dead letters belong to the queue and stay");
}

}  // namespace packwalk
