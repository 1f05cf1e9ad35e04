#include "packwalk/commands/replay.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "collars/replay_run.h"
#include "packwalk/commands/device_tokens.h"
#include "packwalk/commands/input_file.h"
#include "packwalk/commands/output_paths.h"
#include "packwalk/commands/progress_bar.h"
#include "packwalk/commands/reading_options.h"
#include "packwalk/commands/reading_report.h"
#include "packwalk/commands/replay_values.h"
#include "packwalk/commands/server_tally.h"
#include "packwalk/commands/sheet.h"
#include "packwalk/commands/stop_request.h"
#include "replay/recording.h"

namespace packwalk {
namespace {

constexpr std::size_t devices_shown_max = 200;

// The options as the command line gives them.
struct ReplayOptions {
  std::string file, speed = "1", duplicate = "0", shuffle = "0s", hold_back, format = "json", report;
  std::string give_up = "5m";
  SendTarget target;
  ReadingOptions reading;
  std::size_t connections = 16;
  std::size_t batch = 100;
  std::uint64_t seed = 1;
  std::int64_t shift_days = 0;
  int status = 0;
  bool gzip = false;
  bool force = false;
};

struct ReplayPlan {
  ReplayRules rules;
  replay::ScheduleOptions schedule;
  replay::ReadRules reading;
};

Failure wrong(const std::string& flag, const std::string& text, const char* what) {
  return fail(Errc::invalid_input, flag + ": " + text + " is not " + what);
}

Result<ReplayPlan> replay_plan(const ReplayOptions& options) {
  ReplayPlan plan{.rules = {.connections = options.connections, .batch = options.batch, .gzip = options.gzip}};
  const auto speed = speed_from(options.speed);
  if (!speed) return wrong("--speed", options.speed, "max or a number above 0");
  plan.rules.speed = *speed;
  const auto form = replay::packet_form_from(options.format);
  if (!form) return wrong("--format", options.format, "json, ndjson, binary or wide");
  plan.rules.form = *form;
  const auto give_up = duration_seconds_from(options.give_up);
  if (!give_up) return wrong("--give-up", options.give_up, "a time such as 30s or 5m");
  plan.rules.give_up = std::chrono::seconds(static_cast<std::int64_t>(*give_up));
  const auto duplicate = whole_share_from(options.duplicate);
  if (!duplicate) return wrong("--duplicate", options.duplicate, "a share such as 5% or 0.05");
  const auto shuffle = duration_seconds_from(options.shuffle);
  if (!shuffle) return wrong("--shuffle", options.shuffle, "a time such as 30s or 5m");
  const auto hold_back = options.hold_back.empty() ? HoldBack{} : hold_back_from(options.hold_back);
  if (!hold_back) return wrong("--hold-back", options.hold_back, "a share and a time such as 2%x8h");
  plan.schedule = {*duplicate, *shuffle, hold_back->share, hold_back->seconds, options.seed};
  auto reading = read_rules_of(options.reading);
  if (!reading) return reading.failure();
  plan.reading = *std::move(reading);
  plan.reading.file_device = device_of_path(options.file);
  const std::array inputs = {options.file, options.target.tokens, options.target.admin_token};
  if (auto checked = check_distinct({&options.report, 1}, inputs); !checked) return checked.failure();
  return plan;
}

Result<replay::Recording> read_recording(const ReplayOptions& options, const replay::ReadRules& rules) {
  const auto file = InputFile::open(options.file);
  if (!file) return fail(file.error().code, options.file + ": " + file.error().detail);
  auto recording = replay::read_recording(file->text(), rules);
  if (!recording) return fail(recording.error().code, options.file + ": " + recording.error().detail);
  if (!file->warning().empty()) recording->reading.warnings.push_back(file->warning());
  for (replay::Row& row : recording->rows) {
    row.packet.seconds += static_cast<double>(options.shift_days) * 86'400;
    row.packet.status = options.status;
  }
  return recording;
}

/// Warns that a replay at speed 1 takes as long as the walk.
void print_duration(const replay::Recording& recording, double speed) {
  constexpr double worth_it = 10;
  if (speed <= 0) return;
  const auto [first, last] = std::minmax_element(
      recording.rows.begin(), recording.rows.end(),
      [](const replay::Row& a, const replay::Row& b) { return a.packet.seconds < b.packet.seconds; });
  const double seconds = (last->packet.seconds - first->packet.seconds) / speed;
  if (seconds < worth_it) return;
  std::cerr << "this takes " << std::llround(seconds)
            << " s, as long as the recording. --speed max sends as fast as the server accepts\n";
}

void print_renamed(const replay::Recording& recording) {
  for (std::size_t i = 0; i < recording.devices.size(); ++i) {
    if (recording.names[i] == recording.devices[i].text()) continue;
    std::cout << "device " << recording.devices[i].text() << " is " << printable(recording.names[i])
              << " in the file\n";
  }
}

replay::ReplayTally fresh_tally(const std::string& file, const replay::Recording& recording,
                                std::span<const replay::Send> sends) {
  replay::ReplayTally tally{.file = file, .unreadable = recording.unreadable};
  for (std::size_t i = 0; i < recording.devices.size(); ++i) {
    tally.devices.push_back({recording.devices[i].text(), printable(recording.names[i]), {}});
  }
  for (const replay::Row& row : recording.rows) ++tally.devices[row.device].tally.rows;
  for (const replay::Send& send : sends) ++tally.devices[recording.rows[send.row].device].tally.scheduled;
  return tally;
}

Failure no_tally(const ServerAddress& address, const Error& error) {
  return fail(error.code,
              "cannot query http://" + host_and_port(address.host, address.port) + " for the tally: " + error.detail);
}

Result<replay::ReplayTally> replay_recording(const ReplayOptions& options, const ReplayPlan& plan,
                                             const replay::Recording& recording) {
  const auto address = address_of(options.target);
  if (!address) return address.failure();
  const auto admin_token = admin_token_of(options.target);
  if (!admin_token) return admin_token.failure();
  const auto tokens = tokens_for(recording.devices, options.target);
  if (!tokens) return tokens.failure();

  const std::vector<replay::Send> sends = replay::schedule(recording.rows, plan.schedule);
  replay::ReplayTally tally = fresh_tally(options.file, recording, sends);
  CollarClient client(*address, {.connections_max = plan.rules.connections});
  std::optional<ServerTally> server;
  if (*admin_token) {
    server.emplace(recording, client, **admin_token, options.target.installation.data);
    if (auto noted = server->note_before(); !noted) return no_tally(*address, noted.error());
  }
  ProgressBar bar("packets");
  watch_for_stop();
  run_replay({recording, sends, *tokens, plan.rules}, client,
             {stop_requested, [&bar](const ReplayProgress& progress) { bar.show(progress.done, progress.all); }},
             tally);
  bar.end();
  if (server) {
    const auto asked = server->settle(tally);
    if (!asked) tally.troubles.push_back(no_tally(*address, asked.error()).value().detail);
  }
  std::sort(tally.devices.begin(), tally.devices.end(),
            [](const auto& one, const auto& other) { return one.device < other.device; });
  return tally;
}

int run_replay(const ReplayOptions& options) {
  const auto plan = replay_plan(options);
  if (!plan) return complain_of_usage(plan.error().detail);
  if (const auto target = checked(options.target); !target) return complain_of_usage(target.error().detail);
  if (const auto to_write = check_may_write(options.report, options.force); !to_write) {
    return complain(to_write.error().detail);
  }
  const auto recording = read_recording(options, plan->reading);
  if (!recording) return complain(recording.error().detail);
  std::cerr << for_terminal(reading_report(options.file, recording->reading));
  if (recording->rows.empty()) {
    const auto& unreadable = recording->unreadable;
    return complain(
        options.file + ": no row can be read" +
        (unreadable.empty() ? "" : "; line " + std::to_string(unreadable[0].line) + ": " + unreadable[0].reason));
  }
  print_renamed(*recording);
  print_duration(*recording, plan->rules.speed);
  const auto tally = replay_recording(options, *plan, *recording);
  if (!tally) return complain(tally.error().detail);
  std::cout << replay::text_of(*tally, devices_shown_max);
  if (!options.report.empty()) {
    Sheet sheet(options.report, "");
    sheet.text = replay::json_of(*tally);
    if (const auto written = sheet.close(); !written) return complain(written.error().detail);
  }
  return tally->closes() ? exit_success : exit_failure;
}

void add_form_flags(CLI::App& command, ReplayOptions& options) {
  add_reading_flags(command, options.reading);
  command.add_option("--shift-days", options.shift_days, "Shift all device times by this many days")
      ->capture_default_str();
  command.add_option("--status", options.status, "Status byte of every packet")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
  command.add_option("--format", options.format, "json, ndjson, binary or wide")->capture_default_str();
  command.add_flag("--gzip", options.gzip, "Compress the bodies with gzip");
  command.add_option("--batch", options.batch, "Greatest number of packets per request, which are all of one device")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.add_option("--connections", options.connections, "Concurrent requests; never more than one per device")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
}

}  // namespace

void add_replay(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command =
      app.add_subcommand("replay",
                         "Send recorded tracks as collars would, then check the verdict on every packet. The exit code "
                         "is 1 if the verdict on a packet is not the expected one");
  command->add_option("file", options->file, "A CSV or GPX file, also gzipped; - means standard input")
      ->required()
      ->check(input_path);
  command->add_option("--speed", options->speed, "Factor of the recorded speed, or max")->capture_default_str();
  command->add_option("--duplicate", options->duplicate, "Share of packets that are sent twice")->capture_default_str();
  command->add_option("--shuffle", options->shuffle, "Greatest random delay of each packet")->capture_default_str();
  command->add_option("--hold-back", options->hold_back,
                      "2%x8h delays 2% of the packets by 8 hours, like collars that were offline");
  command->add_option("--seed", options->seed, "Seed of the random order; the same seed gives the same order")
      ->capture_default_str();
  command->add_option("--url", options->target.url, "The server, http://HOST:PORT [the address in DIR/listen]");
  command
      ->add_option(
          "--data", options->target.installation.data,
          "Data folder of a `serve` on this machine. The command creates missing devices, keeps their tokens in "
          "DIR/replay.tokens, and compares the server's verdicts with the expected ones. PACKWALK_DATA does not apply")
      ->type_name("DIR");
  options->target.installation.add_config_to(*command);
  command
      ->add_option("--tokens", options->target.tokens,
                   "File with lines ID,TOKEN, the output of `packwalk device add --count`")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--admin-token", options->target.admin_token,
                   "File with the administrator's token, which the query of the verdicts needs [DIR/admin.token]")
      ->check(CLI::ExistingFile);
  command->add_option("--give-up", options->give_up, "Give up on a packet after this time")->capture_default_str();
  command->add_option("--report", options->report, "Write the counts of verdicts to this file, as JSON");
  command->add_flag("--force", options->force, "Overwrite the report if it exists");
  add_form_flags(*command, *options);
  command->callback([options, &chosen] { chosen = [options] { return run_replay(*options); }; });
}

}  // namespace packwalk
