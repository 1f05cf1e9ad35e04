#include "packwalk/commands/simulate.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "base/time_text.h"
#include "collars/simulate_live.h"
#include "packwalk/commands/simulate_files.h"
#include "packwalk/commands/simulate_values.h"
#include "packwalk/commands/subcommand.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds progress_interval{5};
constexpr double live_hours_default = 24.0 * 365;
constexpr double files_hours_default = 24;

// The options as the command line gives them.
struct SimulateOptions {
  town::TownOptions town;
  std::string city, from, off_leash, sampling, duplicate, shuffle, offline, out;
  std::string hours;
  bool force = false, no_night = false, live = false, no_uploads = false;
  double speed = 1;
  LiveTarget target;
};

void add_town_flags(CLI::App& command, SimulateOptions& request) {
  command.add_option("--dogs", request.town.dogs, "Number of dogs; each has a collar")->capture_default_str();
  command.add_option("--city", request.city, "LAT,LON of the town's centre, in degrees (--city=-33.9,151.2)")
      ->required();
  command.add_option("--seed", request.town.seed, "Seed; the same seed and options give the same town, byte for byte")
      ->capture_default_str();
  command.add_option("--from", request.from,
                     "Device time at the start: a day (2026-01-31), ISO 8601 or seconds since 1970 "
                     "[2026-05-04T00:00:00Z; --live: now]");
  command.add_option("--hours", request.hours, "Duration in hours, or 90m, 8h [24; --live: until stopped]");
  command.add_option("--walks", request.town.walks_a_day, "Mean number of walks per dog and day, 0 to 12")
      ->capture_default_str();
  command.add_flag("--no-night", request.no_night, "Start walks evenly at all hours, not mostly by day (solar time)");
  command.add_option("--off-leash", request.off_leash, "Share of walks off the leash, 30% or 0.3 [0]");
  command.add_option("--spread", request.town.spread, "Metres (1 sigma per axis) that a dog off the leash strays")
      ->capture_default_str();
  command.add_flag("--shelf", request.town.shelf,
                   "Simulate no walks: the collars are switched on and lie in pairs on shelves");
}

void add_collar_flags(CLI::App& command, SimulateOptions& request) {
  command.add_option("--noise", request.town.noise, "68 % of the position errors are within this many metres")
      ->capture_default_str();
  command.add_option("--sampling", request.sampling, "MIN[,MAX] seconds between fixes of a collar, 1 to 30 [1,10]");
  command.add_option("--duplicate", request.duplicate, "Share of packets that are sent twice [0]");
  command.add_option("--shuffle", request.shuffle, "Greatest random delay of each packet: 30s, 5m [0]");
  command.add_option("--offline", request.offline, "Share of walks whose packets arrive hours later [0]");
  command
      .add_option("--offline-hours", request.town.offline_hours_max, "Greatest delay of packets of --offline, in hours")
      ->capture_default_str();
  command.add_option("--prefix", request.town.prefix, "Prefix of the device ids, before a number from 0001")
      ->capture_default_str();
}

void add_output_flags(CLI::App& command, SimulateOptions& request) {
  command.add_option("--out", request.out,
                     "Folder for fixes.csv, activity.csv, uploads.ndjson and truth.csv (pairs of dogs that walked "
                     "together, with times). With --live, only truth.csv, at the end");
  command.add_flag(
      "--no-uploads", request.no_uploads,
      "Do not write uploads.ndjson. It is the largest file, and holds all uploads in order, for other programs");
  command.add_flag("--force", request.force, "Overwrite existing files");
  command.add_flag("--live", request.live, "Send to a server in real time");
  command
      .add_option("--speed", request.speed,
                  "With --live: factor of the speed. If it is over 1, the default of --from moves back, so that the "
                  "simulation ends now")
      ->check(CLI::Range(0.1, 1000.0))
      ->capture_default_str();
  command.add_option("--url", request.target.server.url, "With --live: the server, http://HOST:PORT");
  command
      .add_option("--data", request.target.server.installation.data,
                  "With --live: data folder of a `serve` on this machine. The command creates missing devices, and "
                  "keeps their tokens in DIR/replay.tokens. PACKWALK_DATA does not apply")
      ->type_name("DIR");
  request.target.server.installation.add_config_to(command);
  command
      .add_option("--tokens", request.target.server.tokens,
                  "With --live: file with lines ID,TOKEN, the output of `packwalk device add --count`")
      ->check(CLI::ExistingFile);
}

Result<void> set_share(const char* flag, const std::string& text, double& share) {
  if (text.empty()) return {};
  const auto read = share_from(text);
  if (!read) return fail(Errc::invalid_input, std::string(flag) + ": " + text + " is not a share such as 5% or 0.05");
  share = *read;
  return {};
}

Result<void> set_times(const SimulateOptions& request, DeviceTime now, town::TownOptions& options) {
  const auto given = hours_from(request.hours);
  if (!request.hours.empty() && !given)
    return fail(Errc::invalid_input, "--hours: " + request.hours + " is not a time such as 24, 90m or 8h");
  const double hours = given.value_or(request.live ? live_hours_default : files_hours_default);
  options.seconds = std::lround(std::min(hours, 24.0 * 366) * 3600);
  if (!request.from.empty()) {
    const auto from = given_time(request.from);
    if (!from) return fail(Errc::invalid_input, "--from: " + request.from + " " + from.error().detail);
    options.start = *from;
  } else if (request.live) {
    if (request.speed > 1 && !given) return fail(Errc::invalid_input, "--speed over 1 needs --hours");
    const double ahead = request.speed > 1 ? static_cast<double>(options.seconds) * (1 - 1 / request.speed) : 0;
    options.start = now - std::chrono::seconds(static_cast<std::int64_t>(std::ceil(ahead)));
  }
  const double ends_in = static_cast<double>((options.start - now).count() + options.seconds);
  if (request.live && (options.start > now || ends_in > static_cast<double>(options.seconds) / request.speed)) {
    return fail(
        Errc::invalid_input,
        "with this --from and --speed, the collars would report the future. Give an earlier --from or a lower --speed");
  }
  return {};
}

Result<town::TownOptions> options_of(const SimulateOptions& request, DeviceTime now) {
  town::TownOptions options = request.town;
  options.night = !request.no_night;
  const auto city = place_from(request.city);
  if (!city) return fail(Errc::invalid_input, "--city: " + request.city + " is not LAT,LON in degrees");
  options.city = *city;
  for (const auto& set :
       {set_share("--off-leash", request.off_leash, options.off_leash_share),
        set_share("--duplicate", request.duplicate, options.duplicate_share),
        set_share("--offline", request.offline, options.offline_share), set_times(request, now, options)}) {
    if (!set) return set.failure();
  }
  if (!request.sampling.empty()) {
    const auto range = range_from(request.sampling);
    if (!range) return fail(Errc::invalid_input, "--sampling: " + request.sampling + " is not MIN[,MAX] in seconds");
    std::tie(options.sampling_seconds_min, options.sampling_seconds_max) = *range;
  }
  if (!request.shuffle.empty()) {
    const auto seconds = seconds_from(request.shuffle);
    if (!seconds || !(*seconds >= 0 && *seconds <= 1e6)) {
      return fail(Errc::invalid_input, "--shuffle: " + request.shuffle + " is not a time such as 30s or 5m");
    }
    options.shuffle_seconds = std::lround(*seconds);
  }
  return checked(options);
}

int run_files(const SimulateOptions& request, const town::TownOptions& options) {
  const town::Town town(options);
  const bool terminal = isatty(STDERR_FILENO) == 1;
  int shown = -1;
  auto next_line = std::chrono::steady_clock::now() + progress_interval;
  const auto progress = [&](double share) {
    const int percent = static_cast<int>(share * 100);
    const auto now = std::chrono::steady_clock::now();
    if (terminal && percent != shown) {
      std::fprintf(stderr, "\r%3d %%", shown = percent);
    } else if (!terminal && now >= next_line) {
      std::fprintf(stderr, "%d %%\n", percent);
      next_line = now + progress_interval;
    }
  };
  const auto written = write_simulation(town, {request.out, request.force, !request.no_uploads}, progress);
  if (terminal && shown >= 0) std::fputs("\r     \r", stderr);
  if (!written) return complain(written.error().detail);
  std::cerr << "dogs " << town.dogs() << ", fixes " << written->fixes << ", activity packets " << written->activities
            << ", packets sent " << written->sent << ", walks in company " << written->walks << "; written to "
            << request.out << "\n";
  return exit_success;
}

int run_live_town(const SimulateOptions& request, const town::TownOptions& options, const SimulateHost& host) {
  if (!host.open_sink) return complain_of_usage("this program cannot send. Leave out --live");
  if (const auto target = checked(request.target.server); !target) return complain_of_usage(target.error().detail);
  const town::Town town(options);
  LiveTarget target = request.target;
  for (town::DogIndex i = 0; i < town.dogs(); ++i) target.devices.push_back(town.device_id(i));
  const auto sink = host.open_sink(target);
  if (!sink) return complain(sink.error().detail);
  const auto stopped = host.stopped ? host.stopped : [] { return false; };
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const auto report = [&](const LiveTally& so_far) {
    if (terminal) std::cerr << "\rsent " << so_far.packets << " packets, again " << so_far.repeated << std::flush;
  };
  LiveTime time = real_time(stopped);
  time.sleep_until = [&sink](ServerTime until) { (*sink)->wait_until(until); };
  const LiveTally tally = run_live(town, request.speed, **sink, time, report);
  std::cerr << (terminal ? "\n" : "") << "uploads " << tally.uploads << ", packets sent " << tally.packets
            << ", offered again " << tally.repeated << ", packets given up " << tally.given_up << "\n";
  const std::int64_t lived = (tally.until - options.start).count();
  if (!request.out.empty() && lived > 0) {
    town::TownOptions until_now = options;
    until_now.seconds = lived;
    const auto walks = write_truth(town::Town(until_now), request.out, request.force);
    if (!walks) return complain(walks.error().detail);
  }
  return tally.trouble.empty() ? exit_success : complain(tally.trouble);
}

int run_simulate(const SimulateOptions& request, const SimulateHost& host) {
  if (!request.live && request.out.empty())
    return complain_of_usage("the output is not named. Give --out DIR or --live");
  const auto options = options_of(request, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  if (!options) return complain_of_usage(options.error().detail);
  return request.live ? run_live_town(request, *options, host) : run_files(request, *options);
}

}  // namespace

void add_simulate(CLI::App& app, std::function<int()>& chosen, SimulateHost host) {
  auto request = std::make_shared<SimulateOptions>();
  CLI::App* command = app.add_subcommand("simulate",
                                         "Simulate a town of dogs whose walks are known. The command writes the "
                                         "packets of their collars to files, or sends them to a server");
  add_town_flags(*command, *request);
  add_collar_flags(*command, *request);
  add_output_flags(*command, *request);
  command->callback([&chosen, request, host = std::move(host)] {
    chosen = [request, host] { return run_simulate(*request, host); };
  });
}

}  // namespace packwalk
