// An installation under load, and what it costs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "figures.h"
#include "http_load.h"
#include "installation.h"
#include "options.h"
#include "senders.h"

namespace packwalk::bench {

inline constexpr std::size_t request_packets = 100;

/// Seconds since 1970, from which on devices send: their time runs faster than ours, and must not come to be in the
/// future.
std::int64_t yesterday();

struct LoadOutcome {
  double packets_per_second = 0;  // from the first request, or else the first commit, to the last commit
  double packets_a_commit = 0;
  LoadResult requests;
  // Microseconds of the processor a packet.
  double gateway_us = 0;
  double workers_us = 0;
  double rabbitmq_us = 0;
  double postgres_us = 0;
};

/// An installation, its collars, and the processes whose cost is told: the servers are started by who started us. All
/// throw when a packet is lost.
class LoadedInstallation {
 public:
  LoadedInstallation(const Options& options, const Servers& servers, const std::string& name);

  const std::string& database_url() const { return installation_.database_url(); }

  /// So many packets a second are sent for some time: more than can be committed, or else it is the figure.
  LoadOutcome end_to_end(std::size_t workers, double sent_a_second, std::chrono::milliseconds duration);

  /// Requests that were taken while no worker ran.
  LoadOutcome drain(std::size_t workers, std::uint64_t requests, std::size_t packets_a_request);

  /// From the POST of a device that is alone in a box to the answer of an api node, while others send so many packets a
  /// second.
  std::vector<double> visible_after_ms(std::size_t workers, double packets_per_second,
                                       std::chrono::milliseconds duration);

  /// Of the processor, that PostgreSQL has used.
  double postgres_seconds() const;
  /// Messages in the database.
  std::int64_t kept() const;

 private:
  struct Costs {
    double gateways = 0;
    double workers = 0;
    double rabbitmq = 0;
    double postgres = 0;
  };

  void start(const std::string& role, std::size_t count);
  void stop();
  double committed(const char* name = "packwalk_commit_messages_sum") const;
  Clock::time_point until_committed(double packets) const;
  Costs costs() const;
  void tell(LoadOutcome& outcome, const Costs& before, double packets) const;

  const std::string packwalk_;
  Installation installation_;
  Senders senders_;
  pid_t postgres_;
  pid_t rabbitmq_;
  std::vector<std::unique_ptr<Served>> gateways_;
  std::vector<std::unique_ptr<Served>> workers_;
};

}  // namespace packwalk::bench
