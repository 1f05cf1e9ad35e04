#include "tests/support/queues.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

#include "adapters/journal/dead_letters.h"
#include "adapters/journal/journal_packet_queue.h"
#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/rabbitmq_intake.h"
#include "adapters/rabbitmq/rabbitmq_source.h"
#include "base/temporary_folder.h"
#include "tests/support/manual_clock.h"

namespace packwalk {
namespace {

class JournalEnds final : public QueueEnds {
 public:
  PacketIntake& intake() override { return *queue_; }
  PacketSource& source() override { return *queue_; }
  std::size_t dead_letters() override {
    return journal::each_dead_letter(folder_.file("queue"), [](const journal::DeadLetter&) {}).value();
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<PacketQueue> queue_ = std::move(
      open_journal_packet_queue(folder_.file("queue"), {messages_max, bytes_max}, decode_counted_body).value());
};

class RabbitmqEnds final : public QueueEnds {
 public:
  RabbitmqEnds() {
    while (intake_->depth(server_time(0)).failing) std::this_thread::yield();  // no link yet
  }
  PacketIntake& intake() override { return *intake_; }
  PacketSource& source() override { return *source_; }
  std::size_t dead_letters() override {
    auto link = rabbitmq::Link::open_any(options_);
    if (!link) throw std::runtime_error(link.error().detail);
    return link->count_in(options_.dead_queue()).value().ready;
  }

 private:
  BrokerOptions options_ = broker_of_a_new_queue();
  ManualClock clock_{server_time(1)};
  std::unique_ptr<PacketIntake> intake_ = make_rabbitmq_intake(options_);
  std::unique_ptr<PacketSource> source_ = make_rabbitmq_source(
      options_,
      {decode_counted_body, [](std::string_view) { return Result<std::optional<DeviceNumber>>(std::nullopt); }},
      clock_);
};

const QueueAdapter of_journal{"journal", [] { return std::make_unique<JournalEnds>(); }};
const QueueAdapter of_rabbitmq{"rabbitmq", [] { return std::make_unique<RabbitmqEnds>(); }};

}  // namespace

std::vector<QueueAdapter> queue_adapters() { return {of_journal, of_rabbitmq}; }
std::vector<QueueAdapter> in_process_queue_adapters() { return {of_journal}; }

BrokerOptions broker_of_a_new_queue() {
  const char* url = std::getenv("PACKWALK_TEST_RABBITMQ");
  if (!url) throw std::runtime_error("no RabbitMQ: run the tests with tools/with_servers.py");
  static int made = 0;
  BrokerOptions options;
  options.urls = {url};
  options.queue = "packwalk.test." + std::to_string(::getpid()) + "." + std::to_string(++made);
  return options;
}

std::string body_of_messages(std::size_t messages, std::size_t size) {
  std::string body(size, 'x');
  body[0] = static_cast<char>('0' + messages);
  return body;
}

void decode_counted_body(Upload& upload) {
  upload.messages.assign(static_cast<std::size_t>(upload.body[0] - '0'), {0, 1, Heartbeat{"heartbeat"}});
}

}  // namespace packwalk
