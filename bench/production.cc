#include "production.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "core/packet/binary_form.h"
#include "figures.h"
#include "floor_postgres.h"
#include "floor_rabbitmq.h"
#include "installation.h"
#include "kept_messages.h"
#include "processor_time.h"
#include "senders.h"

namespace packwalk::bench {
namespace {

constexpr std::size_t request_packets = 100;
constexpr std::size_t floor_transaction = 5'000;
constexpr std::size_t connections = 32;
const LatLon walkers_place = LatLon::from_degrees(48.701, 44.501).value();
constexpr std::int64_t day_seconds = 86'400;
constexpr double backlog = 1'000'000;
constexpr int rounds = 3;  // of what is compared, by turns

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// An installation, its collars, and the processes whose cost is told: the servers are started by who started us.
class Production {
 public:
  Production(const Options& options, const Servers& servers, const std::string& name)
      : packwalk_(options.packwalk),
        installation_(options.packwalk, servers, name),
        senders_(options.packwalk, installation_.use(), options.devices, now_seconds() - day_seconds),
        postgres_(descendant_of(::getppid(), "postgres")),
        rabbitmq_(descendant_of(::getppid(), "beam.smp")) {}

  struct Outcome {
    double packets_per_second = 0;  // from the first request to the last commit
    double packets_a_commit = 0;
    LoadResult requests;
    // Microseconds of the processor a packet.
    double gateway_us = 0;
    double workers_us = 0;
    double rabbitmq_us = 0;
    double postgres_us = 0;
  };

  Installation& installation() { return installation_; }
  Senders& senders() { return senders_; }

  /// So many packets a second are sent for some time: more than can be committed, or else it is the figure.
  Outcome end_to_end(std::size_t workers, double sent_a_second, std::chrono::milliseconds duration) {
    start("gateway", 1);
    start("ingest", workers);
    const Costs before = costs();
    const auto started = Clock::now();
    Outcome outcome;
    const LoadPlan plan{connections, duration, sent_a_second / request_packets};
    outcome.requests = load(gateways_[0]->port(), plan, senders_.requests(request_packets));
    const double packets = static_cast<double>(outcome.requests.answered * request_packets);
    const auto ended = until_committed(packets);
    outcome.packets_per_second = packets / std::chrono::duration<double>(ended - started).count();
    tell(outcome, before, packets);
    stop();
    return outcome;
  }

  /// Packets that were taken while no worker ran.
  Outcome drain(std::size_t workers, double packets) {
    start("gateway", 1);
    const auto requests = static_cast<std::uint64_t>(packets) / request_packets;
    const LoadPlan plan{.connections = connections, .duration = std::chrono::hours(1), .requests_max = requests};
    Outcome outcome;
    outcome.requests = load(gateways_[0]->port(), plan, senders_.requests(request_packets));
    if (outcome.requests.answered != requests) throw std::runtime_error("the backlog does not fit into the queue");
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

  /// From the POST of a device that is alone in a box to the answer of an api node, while others send so many packets a
  /// second.
  std::vector<double> visible_after_ms(std::size_t workers, double packets_per_second,
                                       std::chrono::milliseconds duration) {
    const std::string added = output_of(packwalk_ + " device add walker --data " + installation_.use());
    const std::string token = added.substr(added.find(',') + 1, added.find('\n') - added.find(',') - 1);
    start("gateway", 1);
    start("ingest", workers);
    const auto api = installation_.start("api");
    const LoadPlan plan{connections, duration, packets_per_second / request_packets};
    LoadResult load_result;
    std::thread others([&] { load_result = load(gateways_[0]->port(), plan, senders_.requests(request_packets)); });
    std::vector<double> visible_ms;
    BlockingClient collar(gateways_[0]->port());
    BlockingClient owner(api->port());
    std::int64_t second = now_seconds() - day_seconds;
    for (const auto started = Clock::now(); Clock::now() < started + duration;) {
      TrackPacket packet{.status = 1, .timestamp = device_time(++second), .position = walkers_place};
      const std::string request = post_request(token, "application/octet-stream", encode_binary(packet));
      const std::string wanted = "\"timestamp\":" + std::to_string(second) + ",";
      const std::string question = get_request("/v1/positions?bbox=44.5,48.7,44.502,48.702", api->admin_token());
      const auto posted = Clock::now();
      collar.exchange(request);
      while (owner.exchange(question).find(wanted) == std::string::npos) {
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

  double postgres_seconds() const { return processor_seconds_with_children(postgres_); }

  std::int64_t kept() const { return number_from(installation_.database_url(), "SELECT count(*) FROM messages"); }

 private:
  struct Costs {
    double gateways = 0;
    double workers = 0;
    double rabbitmq = 0;
    double postgres = 0;
  };

  void start(const std::string& role, std::size_t count) {
    auto& all = role == "gateway" ? gateways_ : workers_;
    for (std::size_t i = 0; i < count; ++i) all.push_back(installation_.start(role));
  }
  void stop() {
    gateways_.clear();
    workers_.clear();
  }

  double committed(const char* name = "packwalk_commit_messages_sum") const {
    double sum = 0;
    for (const auto& worker : workers_) sum += metric(worker->port(), name);
    return sum;
  }

  Clock::time_point until_committed(double packets) const {
    double last = -1;
    for (auto changed = Clock::now(); seconds_since(changed) < 30;) {
      const double now = committed();
      if (now >= packets) return Clock::now();
      if (now > last) changed = Clock::now();
      last = now;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("nothing is committed any more, and not all is");
  }

  Costs costs() const {
    Costs costs{.rabbitmq = processor_seconds(rabbitmq_), .postgres = processor_seconds_with_children(postgres_)};
    for (const auto& gateway : gateways_) costs.gateways += processor_seconds(gateway->id());
    for (const auto& worker : workers_) costs.workers += processor_seconds(worker->id());
    return costs;
  }

  void tell(Outcome& outcome, const Costs& before, double packets) const {
    const Costs now = costs();
    const double us = 1e6 / packets;
    outcome.gateway_us = (now.gateways - before.gateways) * us;
    outcome.workers_us = (now.workers - before.workers) * us;
    outcome.rabbitmq_us = (now.rabbitmq - before.rabbitmq) * us;
    outcome.postgres_us = (now.postgres - before.postgres) * us;
    outcome.packets_a_commit = committed() / committed("packwalk_commit_messages_count");
  }

  const std::string packwalk_;
  Installation installation_;
  Senders senders_;
  pid_t postgres_;
  pid_t rabbitmq_;
  std::vector<std::unique_ptr<Served>> gateways_;
  std::vector<std::unique_ptr<Served>> workers_;
};

void print_costs(const Production::Outcome& outcome) {
  std::printf(
      "  us of a core a packet: gateway %.2f, RabbitMQ %.2f, workers %.2f, PostgreSQL %.2f; %.0f packets a commit\n",
      outcome.gateway_us, outcome.rabbitmq_us, outcome.workers_us, outcome.postgres_us, outcome.packets_a_commit);
  std::fflush(stdout);
}

std::string workers_text(std::size_t workers) {
  return std::to_string(workers) + (workers == 1 ? " worker" : " workers");
}

void bench_rabbitmq(const Servers& servers, const Options& options) {
  std::printf("\n== Bare RabbitMQ, a quorum queue: published, confirmed, taken, acknowledged\n");
  for (const std::size_t requests : {1, 16}) {
    const double rate =
        bare_rabbitmq_rate(servers.rabbitmq, "bench.floor", requests * request_packets * 16, options.seconds / 2);
    print_figure("messages of " + std::to_string(requests * request_packets) + " packets", rate, "messages/s");
    print_figure("  that is", rate * static_cast<double>(requests * request_packets), "packets/s");
  }
}

/// More connections do not make PostgreSQL faster.
std::size_t floor_connections(std::size_t workers) {
  return std::min<std::size_t>(workers, std::max(1U, std::thread::hardware_concurrency()));
}

/// Returns the rate by the number of workers.
std::map<std::size_t, double> bench_end_to_end(Production& production, BarePostgres& bare, const Options& options) {
  std::printf(
      "\n== HTTP to PostgreSQL, %zu packets a request, binary, one device a request, %zu devices at random\n"
      "   Floor: PostgreSQL alone with the same rows, %zu a transaction, a connection for each worker that has a "
      "core;\n"
      "   so many are sent as it takes, and the figure is from the first request to the last commit\n",
      request_packets, options.devices, floor_transaction);
  std::map<std::size_t, double> rate_with;
  for (const std::size_t workers : {1, 2, 4}) {
    double floor_us = 0;
    std::vector<double> floors;
    std::vector<double> rates;
    Production::Outcome outcome;
    for (int i = 0; i < rounds; ++i) {
      const double before = production.postgres_seconds();
      floors.push_back(bare.rate(floor_connections(workers), request_packets, floor_transaction, options.seconds / 2));
      floor_us = 1e6 * (production.postgres_seconds() - before) / (floors.back() * options.seconds / 2);
      outcome = production.end_to_end(workers, floors.back(), options.load_time());
      rates.push_back(outcome.packets_per_second);
    }
    print_ratio("durable end to end, " + workers_text(workers), median(rates), median(floors), "packets/s", 70);
    print_costs(outcome);
    std::printf("  the floor costs PostgreSQL %.2f; answered after p50 %.1f ms, p99 %.1f ms\n", floor_us,
                percentile(outcome.requests.latencies_ms, 0.5), percentile(outcome.requests.latencies_ms, 0.99));
    rate_with[workers] = median(rates);
  }
  return rate_with;
}

void bench_backlog(Production& production, const std::map<std::size_t, double>& rate_with) {
  std::printf("\n== A backlog of %.0f packets, taken while no worker ran; beside it the rate end to end\n", backlog);
  for (const auto& [workers, rate] : rate_with) {
    const Production::Outcome outcome = production.drain(workers, backlog);
    print_ratio("drained by " + workers_text(workers), outcome.packets_per_second, rate, "packets/s", 100);
    print_costs(outcome);
  }
}

/// `rate`: that of two workers.
void bench_latency(Production& production, double rate, const Options& options) {
  std::printf("\n== From POST to visible in the box of another node, at half load: %.0f packets/s, 2 workers\n",
              rate / 2);
  std::vector<double> visible_ms = production.visible_after_ms(2, rate / 2, 2 * options.load_time());
  print_limit("latency, p99", percentile(visible_ms, 0.99), "ms", 200);
  std::printf("  p50 %.1f ms, of %zu packets\n", percentile(visible_ms, 0.5), visible_ms.size());
}

/// Two installations by turns, as the machine's mood changes from minute to minute.
void bench_kept(const Servers& servers, BarePostgres& bare, const Options& options) {
  std::printf("\n== With 1,000,000 and %lld kept messages, 2 workers\n", static_cast<long long>(options.kept));
  Production few(options, servers, "few");
  Production many(options, servers, "many");
  const auto started = Clock::now();
  for (const auto& [production, count] : {std::pair{&few, std::int64_t{1'000'000}}, std::pair{&many, options.kept}}) {
    keep_messages(production->installation().database_url(), count, static_cast<std::int64_t>(options.devices),
                  now_seconds() - day_seconds);
  }
  std::printf("  the database made them in %.0f s: %lld and %lld\n", seconds_since(started),
              static_cast<long long>(few.kept()), static_cast<long long>(many.kept()));
  const double sent = bare.rate(floor_connections(2), request_packets, floor_transaction, options.seconds / 2);
  std::vector<double> few_rates;
  std::vector<double> many_rates;
  Production::Outcome of_few;
  Production::Outcome of_many;
  for (int i = 0; i < rounds; ++i) {
    of_few = few.end_to_end(2, sent, options.load_time());
    of_many = many.end_to_end(2, sent, options.load_time());
    few_rates.push_back(of_few.packets_per_second);
    many_rates.push_back(of_many.packets_per_second);
  }
  print_ratio("with many; beside: with few", median(many_rates), median(few_rates), "packets/s", 85);
  print_costs(of_few);
  print_costs(of_many);
}

}  // namespace

int bench_production(const Options& options) {
  const Servers servers;
  const auto wanted = [&](const char* name) { return options.only.empty() || options.only == name; };
  Production production(options, servers, "product");
  const Installation floor(options.packwalk, servers, "floor");
  BarePostgres bare(floor.database_url(), options.devices);
  if (wanted("queue")) bench_rabbitmq(servers, options);
  std::map<std::size_t, double> rate_with;
  if (wanted("rate") || wanted("backlog") || wanted("latency")) rate_with = bench_end_to_end(production, bare, options);
  if (wanted("backlog")) bench_backlog(production, rate_with);
  if (wanted("latency")) bench_latency(production, rate_with[2], options);
  if (wanted("kept")) bench_kept(servers, bare, options);
  return 0;
}

}  // namespace packwalk::bench
