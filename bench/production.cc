#include "production.h"

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

#include "figures.h"
#include "floor_postgres.h"
#include "floor_rabbitmq.h"
#include "kept_messages.h"
#include "loaded_installation.h"

namespace packwalk::bench {
namespace {

constexpr std::size_t floor_transaction = 5'000;
constexpr std::size_t backlog_requests = 10'000;
constexpr std::size_t single_requests = 300'000;
constexpr int rounds = 3;  // of what is compared, by turns

void print_costs(const LoadOutcome& outcome) {
  std::printf(
      "  us of a core per packet: gateway %.2f, RabbitMQ %.2f, workers %.2f, PostgreSQL %.2f; %.0f packets per "
      "commit\n",
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

struct Floor {
  double rate = 0;
  double postgres_us = 0;
};

/// As many connections as workers, but for those that have no core: they do not make PostgreSQL faster.
Floor floor_of(const LoadedInstallation& production, BarePostgres& bare, std::size_t workers, std::size_t run,
               const Options& options) {
  const std::size_t some = std::min<std::size_t>(workers, std::max(1U, std::thread::hardware_concurrency()));
  const double before = production.postgres_seconds();
  const double rate = bare.rate(some, run, floor_transaction, options.seconds / 2);
  return {rate, 1e6 * (production.postgres_seconds() - before) / (rate * options.seconds / 2)};
}

/// Returns the rate of two workers.
double bench_end_to_end(LoadedInstallation& production, BarePostgres& bare, const Options& options) {
  std::printf(
      "\n== HTTP to PostgreSQL, %zu packets a request, binary, one device a request, %zu devices at random\n"
      "   Floor: PostgreSQL alone with the same rows, %zu a transaction, a connection for each worker that has a "
      "core;\n"
      "   so many are sent as it takes, and the figure is from the first request to the last commit\n",
      request_packets, options.devices, floor_transaction);
  double rate_of_two = 0;
  for (const std::size_t workers : {1, 2, 4}) {
    double floor_us = 0;
    std::vector<double> floors;
    std::vector<double> rates;
    LoadOutcome outcome;
    for (int i = 0; i < rounds; ++i) {
      const Floor floor = floor_of(production, bare, workers, request_packets, options);
      floors.push_back(floor.rate);
      floor_us = floor.postgres_us;
      outcome = production.end_to_end(workers, floor.rate, options.load_time());
      rates.push_back(outcome.packets_per_second);
    }
    print_ratio("durable end to end, " + workers_text(workers), median(rates), median(floors), "packets/s", 70);
    print_costs(outcome);
    std::printf("  the floor costs PostgreSQL %.2f; answered after p50 %.1f ms, p99 %.1f ms\n", floor_us,
                percentile(outcome.requests.latencies_ms, 0.5), percentile(outcome.requests.latencies_ms, 0.99));
    if (workers == 2) rate_of_two = median(rates);
  }
  return rate_of_two;
}

/// The same goal as end to end.
void bench_drain(LoadedInstallation& production, BarePostgres& bare, std::size_t workers, std::uint64_t requests,
                 std::size_t packets_a_request, const Options& options) {
  const Floor floor = floor_of(production, bare, workers, packets_a_request, options);
  const LoadOutcome outcome = production.drain(workers, requests, packets_a_request);
  print_ratio("drained by " + workers_text(workers), outcome.packets_per_second, floor.rate, "packets/s", 70);
  print_costs(outcome);
  std::printf("  the floor costs PostgreSQL %.2f\n", floor.postgres_us);
}

void bench_backlog(LoadedInstallation& production, BarePostgres& bare, const Options& options) {
  std::printf("\n== A backlog of %zu packets, taken while no worker ran\n", backlog_requests * request_packets);
  for (const std::size_t workers : {1, 2, 4}) {
    bench_drain(production, bare, workers, backlog_requests, request_packets, options);
  }
  std::printf("\n== A backlog of %zu requests of one packet; beside it PostgreSQL alone with packets at random\n",
              single_requests);
  bench_drain(production, bare, 2, single_requests, 1, options);
}

/// `rate`: that of two workers.
void bench_latency(LoadedInstallation& production, double rate, const Options& options) {
  std::printf("\n== From POST to visible in the box of another node, at half load: %.0f packets/s, 2 workers\n",
              rate / 2);
  std::vector<double> visible_ms = production.visible_after_ms(2, rate / 2, 2 * options.load_time());
  print_limit("latency, p99", percentile(visible_ms, 0.99), "ms", 200);
  std::printf("  p50 %.1f ms, of %zu packets\n", percentile(visible_ms, 0.5), visible_ms.size());
}

/// Two installations by turns, as the machine's mood changes from minute to minute.
void bench_kept(const Servers& servers, BarePostgres& bare, const Options& options) {
  std::printf("\n== With 1,000,000 and %lld kept messages, 2 workers\n", static_cast<long long>(options.kept));
  LoadedInstallation few(options, servers, "few");
  LoadedInstallation many(options, servers, "many");
  const auto started = Clock::now();
  for (const auto& [production, count] : {std::pair{&few, std::int64_t{1'000'000}}, std::pair{&many, options.kept}}) {
    keep_messages(production->database_url(), count, static_cast<std::int64_t>(options.devices), yesterday());
  }
  std::printf("  the database made them in %.0f s: %lld and %lld\n", seconds_since(started),
              static_cast<long long>(few.kept()), static_cast<long long>(many.kept()));
  const double sent = floor_of(few, bare, 2, request_packets, options).rate;
  std::vector<double> few_rates;
  std::vector<double> many_rates;
  LoadOutcome of_few;
  LoadOutcome of_many;
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
  LoadedInstallation production(options, servers, "product");
  const Installation floor(options.packwalk, servers, "floor");
  BarePostgres bare(floor.database_url(), options.devices);
  if (wanted("queue")) bench_rabbitmq(servers, options);
  double rate = 0;
  if (wanted("rate") || wanted("latency")) rate = bench_end_to_end(production, bare, options);
  if (wanted("backlog")) bench_backlog(production, bare, options);
  if (wanted("latency")) bench_latency(production, rate, options);
  if (wanted("kept")) bench_kept(servers, bare, options);
  return 0;
}

}  // namespace packwalk::bench
