#include "loaded_installation.h"

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <thread>

#include "base/time_text.h"
#include "core/packet/binary_form.h"
#include "processor_time.h"

namespace packwalk::bench {
namespace {

constexpr std::size_t connections = 64;
constexpr double patience_seconds = 30;
constexpr std::int64_t day_seconds = 86'400;
const LatLon walkers_place = LatLon::from_degrees(48.701, 44.501).value();

}  // namespace

std::int64_t yesterday() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count() - day_seconds;
}

LoadedInstallation::LoadedInstallation(const Options& options, const Servers& servers, const std::string& name)
    : packwalk_(options.packwalk),
      installation_(options.packwalk, servers, name),
      senders_(options.packwalk, installation_.use(), options.devices, yesterday()),
      postgres_(descendant_of(::getppid(), "postgres")),
      rabbitmq_(descendant_of(::getppid(), "beam.smp")) {}

LoadOutcome LoadedInstallation::end_to_end(std::size_t workers, double sent_a_second,
                                           std::chrono::milliseconds duration) {
  start("gateway", 1);
  start("ingest", workers);
  const Costs before = costs();
  const auto started = Clock::now();
  LoadOutcome outcome;
  const LoadPlan plan{connections, duration, sent_a_second / request_packets};
  outcome.requests = load(gateways_[0]->port(), plan, senders_.requests(request_packets));
  const double packets = static_cast<double>(outcome.requests.answered * request_packets);
  const auto ended = until_committed(packets);
  outcome.packets_per_second = packets / std::chrono::duration<double>(ended - started).count();
  tell(outcome, before, packets);
  stop();
  return outcome;
}

LoadOutcome LoadedInstallation::drain(std::size_t workers, std::uint64_t requests, std::size_t packets_a_request) {
  start("gateway", 1);
  const LoadPlan plan{.connections = connections, .duration = std::chrono::hours(1), .requests_max = requests};
  LoadOutcome outcome;
  outcome.requests = load(gateways_[0]->port(), plan, senders_.requests(packets_a_request));
  if (outcome.requests.answered != requests) throw std::runtime_error("the backlog does not fit into the queue");
  const auto packets = static_cast<double>(requests * packets_a_request);
  const Costs before = costs();
  start("ingest", workers);
  const double first = committed();
  const auto started = Clock::now();
  const auto ended = until_committed(packets);
  outcome.packets_per_second = (packets - first) / std::chrono::duration<double>(ended - started).count();
  tell(outcome, before, packets);
  stop();
  return outcome;
}

std::vector<double> LoadedInstallation::visible_after_ms(std::size_t workers, double packets_per_second,
                                                         std::chrono::milliseconds duration) {
  const std::string added = output_of(packwalk_ + " device add walker --data " + installation_.use());
  const std::string token = added.substr(added.find(',') + 1, added.find('\n') - added.find(',') - 1);
  start("gateway", 1);
  start("ingest", workers);
  const auto api = installation_.start("api");
  const LoadPlan plan{connections, duration, packets_per_second / request_packets};
  LoadResult load_result;
  std::jthread others([&] { load_result = load(gateways_[0]->port(), plan, senders_.requests(request_packets)); });
  std::vector<double> visible_ms;
  BlockingClient collar(gateways_[0]->port());
  BlockingClient owner(api->port());
  std::int64_t second = yesterday();
  for (const auto started = Clock::now(); Clock::now() < started + duration;) {
    TrackPacket packet{.status = 1, .timestamp = device_time(++second), .position = walkers_place};
    const std::string request = post_request(token, "application/octet-stream", encode_binary(packet));
    const std::string wanted = iso_text(packet.timestamp);
    const std::string question = get_request("/v1/positions?bbox=44.5,48.7,44.502,48.702", api->admin_token());
    const auto posted = Clock::now();
    collar.exchange(request);
    while (owner.exchange(question).find(wanted) == std::string::npos) {
      if (seconds_since(posted) > patience_seconds) throw std::runtime_error("a packet does not become visible");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    visible_ms.push_back(1e3 * seconds_since(posted));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  others.join();
  const double reached = load_result.requests_per_second * request_packets;
  if (reached < 0.9 * packets_per_second) std::printf("  only %.0f packets/s were sent\n", reached);
  stop();
  return visible_ms;
}

double LoadedInstallation::postgres_seconds() const { return processor_seconds_with_children(postgres_); }

std::int64_t LoadedInstallation::kept() const {
  return number_from(installation_.database_url(), "SELECT count(*) FROM messages");
}

void LoadedInstallation::start(const std::string& role, std::size_t count) {
  auto& all = role == "gateway" ? gateways_ : workers_;
  for (std::size_t i = 0; i < count; ++i) all.push_back(installation_.start(role));
}
void LoadedInstallation::stop() {
  gateways_.clear();
  workers_.clear();
}

double LoadedInstallation::committed(const char* name) const {
  double sum = 0;
  for (const auto& worker : workers_) sum += metric(worker->ops_port(), name);
  return sum;
}

Clock::time_point LoadedInstallation::until_committed(double packets) const {
  double last = -1;
  for (auto changed = Clock::now(); seconds_since(changed) < patience_seconds;) {
    const double now = committed();
    if (now >= packets) return Clock::now();
    if (now > last) changed = Clock::now();
    last = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("nothing is committed any more, and not all is");
}

LoadedInstallation::Costs LoadedInstallation::costs() const {
  Costs costs{.rabbitmq = processor_seconds(rabbitmq_), .postgres = processor_seconds_with_children(postgres_)};
  for (const auto& gateway : gateways_) costs.gateways += processor_seconds(gateway->id());
  for (const auto& worker : workers_) costs.workers += processor_seconds(worker->id());
  return costs;
}

void LoadedInstallation::tell(LoadOutcome& outcome, const Costs& before, double packets) const {
  const Costs now = costs();
  const double us = 1e6 / packets;
  outcome.gateway_us = (now.gateways - before.gateways) * us;
  outcome.workers_us = (now.workers - before.workers) * us;
  outcome.rabbitmq_us = (now.rabbitmq - before.rabbitmq) * us;
  outcome.postgres_us = (now.postgres - before.postgres) * us;
  outcome.packets_a_commit = committed() / committed("packwalk_commit_messages_count");
}

}  // namespace packwalk::bench
