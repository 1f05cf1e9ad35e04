#include "packwalk/commands/analyse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/system/system_clock.h"
#include "base/text.h"
#include "core/walk/analysis_rules.h"
#include "packwalk/commands/analysis_report.h"
#include "packwalk/commands/analysis_tables.h"
#include "packwalk/commands/output_paths.h"
#include "packwalk/commands/reading_options.h"
#include "packwalk/commands/reading_report.h"
#include "packwalk/commands/recorded_fixes.h"
#include "packwalk/commands/replay_values.h"
#include "packwalk/commands/sheet.h"
#include "packwalk/commands/time_options.h"

namespace packwalk {
namespace {

// The options as the command line gives them.
struct AnalyseOptions {
  std::vector<std::string> files, sleep;
  TablePaths tables;
  std::string report, preset = "specification", drop_max = "5%";
  std::vector<std::string> set;
  ReadingOptions reading;
  RangeOptions range;
  bool force = false;
  bool json = false;
};

Result<AnalysisRules> rules_of(const AnalyseOptions& options) {
  auto rules = rules_of_preset(options.preset);
  if (!rules) return fail(Errc::invalid_input, "--preset: " + rules.error().detail);
  for (const std::string& each : options.set) {
    const std::size_t equals = std::min(each.find('='), each.size());
    const auto value = number_from<double>(std::string_view(each).substr(std::min(equals + 1, each.size())));
    if (!value) return fail(Errc::invalid_input, "--set " + each + " is not NAME=NUMBER");
    if (auto set = set_rule(*rules, std::string_view(each).substr(0, equals), *value); !set) {
      return fail(Errc::invalid_input, "--set: " + set.error().detail);
    }
  }
  return rules;
}

std::vector<std::string> outputs_of(const AnalyseOptions& options) {
  const TablePaths& tables = options.tables;
  return {tables.outliers, tables.tracks, tables.contacts, tables.joint_walks, tables.pairs, options.report};
}

/// Standard output takes one table, and standard input gives one file. All other inputs and outputs are different
/// files.
Result<void> check_paths(const AnalyseOptions& options) {
  const std::vector<std::string> outputs = outputs_of(options);
  if (std::count(outputs.begin(), outputs.end(), "-") + (options.json ? 1 : 0) > 1) {
    return fail(Errc::invalid_input,
                "standard output takes only one table, or the report of --json. Write the others to files");
  }
  if (std::count(options.files.begin(), options.files.end(), "-") +
          std::count(options.sleep.begin(), options.sleep.end(), "-") >
      1) {
    return fail(Errc::invalid_input, "only one input can be standard input. Read the others from files");
  }
  std::vector<std::string> inputs = options.files;
  inputs.insert(inputs.end(), options.sleep.begin(), options.sleep.end());
  return check_distinct(outputs, inputs);
}

/// Checks that every output can be written, and that it is new or --force is given.
Result<void> check_outputs(const AnalyseOptions& options) {
  for (const std::string& path : outputs_of(options)) {
    if (auto checked = check_may_write(path, options.force); !checked) return checked;
  }
  return {};
}

/// Reports whether more rows were dropped than --drop-max allows.
Result<void> check_dropped(const RecordedFixes& recorded, double dropped_max) {
  const double share = dropped_share(recorded);
  if (share <= dropped_max) return {};
  const auto dropped = static_cast<std::int64_t>(recorded.left().dropped());
  std::string sentence = "of " + counted(static_cast<std::int64_t>(recorded.rows()), "row") + " " +
                         counted(dropped, "was", "were") + " dropped, more than --drop-max allows";
  return fail(Errc::invalid_input, std::move(sentence));
}

/// Reports files without a fix: each may hold all tracks of one animal.
Result<void> check_files(const RecordedFixes& recorded) {
  const std::vector<std::string>& files = recorded.files_without_fix();
  if (files.empty()) return {};
  return fail(Errc::invalid_input, "there is no fix in " + files.front() +
                                       (files.size() > 1 ? " and " + std::to_string(files.size() - 1) + " more" : ""));
}

Result<void> write_report(const AnalyseOptions& options, const AnalysisReport& report) {
  for (const std::string& path : {std::string(options.json ? "-" : ""), options.report}) {
    if (path.empty()) continue;
    Sheet sheet(path, "");
    sheet.text = json_of(report);
    if (auto written = sheet.close(); !written) return written;
  }
  return {};
}

void print_counts(const AnalysisCounts& counts) {
  if (counts.outliers > 0) {
    std::cerr << "outliers: fixes that tracks, contacts and joint walks do not use " << counts.outliers << " ("
              << counts.first_outlier << ")\n";
  }
  std::cerr << "devices " << counts.devices << ", fixes " << counts.fixes << ", tracks " << counts.tracks
            << ", contacts " << counts.contacts << ", joint walks " << counts.joint_walks << '\n';
}

/// The meaning of the command line.
struct AnalysePlan {
  AnalysisRules rules;
  replay::ReadRules reading;
  TimeRange range;
  double dropped_max = 0;
};

Result<AnalysePlan> analyse_plan(const AnalyseOptions& options) {
  auto rules = rules_of(options);
  if (!rules) return rules.failure();
  auto reading = read_rules_of(options.reading);
  if (!reading) return reading.failure();
  const auto dropped_max = whole_share_from(options.drop_max);
  if (!dropped_max)
    return fail(Errc::invalid_input, "--drop-max: " + options.drop_max + " is not a share such as 5% or 0.05");
  const auto range = range_of(options.range);
  if (!range) return range.failure();
  if (auto checked = check_paths(options); !checked) return checked.failure();
  return AnalysePlan{*std::move(rules), *std::move(reading), *range, *dropped_max};
}

Result<void> analyse(const AnalyseOptions& options, const AnalysePlan& plan) {
  if (auto checked = check_outputs(options); !checked) return checked;
  const bool is_told = options.json || !options.report.empty();
  RecordedFixes recorded(plan.reading, plan.range, is_told ? InputFile::Digest::sha256 : InputFile::Digest::none);
  if (auto read = recorded.read(options.files, options.sleep); !read) return read;
  auto devices = recorded.take();
  const auto now = std::chrono::floor<std::chrono::seconds>(make_system_clock()->now());
  const ReadingFacts facts = reading_facts(devices, now);
  const std::vector<std::string> doubts = doubts_about(facts, recorded, plan.rules.walks.bridge);
  std::cerr << for_terminal(reading_report(recorded, facts, doubts));
  if (facts.fixes == 0) {
    const bool none_in_range = recorded.left().out_of_range > 0;
    return fail(Errc::invalid_input, none_in_range ? "no fix is between --from and --to" : "no fix could be read");
  }
  AnalysisTables tables(std::move(devices), plan.rules);
  if (auto written = tables.write(options.tables); !written) return written;
  print_counts(tables.counts());
  const AnalysisReport report{options.preset, plan.rules, plan.range, recorded, facts, doubts, tables.counts()};
  if (auto written = write_report(options, report); !written) return written;
  if (auto checked = check_dropped(recorded, plan.dropped_max); !checked) return checked;
  return check_files(recorded);
}

std::string help_of_rules() {
  std::string help = "Set a constant, as NAME=NUMBER; repeatable. Names:";
  const AnalysisRules defaults;
  for (const NamedRule& rule : named_rules()) {
    help.append("\n").append(rule.name).append(" [");
    append_number(help, rule.get(defaults));
    help.append("] ").append(rule.meaning);
  }
  return help;
}

void add_table_flags(CLI::App& command, AnalyseOptions& options) {
  TablePaths& tables = options.tables;
  command.add_option("--outliers", tables.outliers,
                     "Write device,timestamp,lat,lon,accuracy_m of all outliers to this file");
  command.add_option("--tracks", tables.tracks,
                     "Write tracks to this file, with the columns of `packwalk export`; - means standard output");
  command.add_option("--contacts", tables.contacts, "Write device_a,device_b,from,to,near_seconds to this file");
  command.add_option("--joint-walks", tables.joint_walks,
                     "Write joint walks to this file, with the columns of `packwalk export`");
  command.add_option("--pairs", tables.pairs,
                     "Write device_a, device_b, contact_count, near_seconds, joint_walk_count, together_seconds and "
                     "both_recorded_seconds to this file, for all pairs of devices that both have a position in at "
                     "least one common second");
  command.add_option("--report", options.report,
                     "Write a report to this file, as JSON: the version, the constants, the files with their SHA-256, "
                     "how they were read, and counts");
  command.add_flag("--json", options.json, "Write the same report to standard output");
}

}  // namespace

void add_analyse(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<AnalyseOptions>();
  CLI::App* command =
      app.add_subcommand("analyse",
                         "Find the tracks, contacts and joint walks in files of fixes, without a server. It needs "
                         "about 80 bytes of memory per fix, and far more for a crowd of dogs in one spot, because each "
                         "pair has contacts of its own. A report on standard error says how each file was read. The "
                         "exit code is 1 if no fix was read or too many rows were dropped");
  command
      ->add_option("files", options->files,
                   "CSV or GPX files, also gzipped; - means standard input. A file without a device column belongs to "
                   "one device, named after the file")
      ->required()
      ->check(input_path);
  command
      ->add_option("--sleep", options->sleep,
                   "A CSV file of sleep samples, with the columns device and timestamp. If it also has a column "
                   "activity, it may have samples of all kinds. Repeatable")
      ->allow_extra_args(false)
      ->check(input_path);
  add_table_flags(*command, *options);
  command->add_flag("--force", options->force, "Overwrite existing files");
  add_range_flags(*command, options->range, "");
  command->add_option("--preset", options->preset, "Set of constants: specification, or off-leash for dogs that stray")
      ->capture_default_str();
  command->add_option("--set", options->set, help_of_rules())->allow_extra_args(false);
  command->add_option("--drop-max", options->drop_max, "Greatest share of dropped rows; above it, the exit code is 1")
      ->capture_default_str();
  add_reading_flags(*command, options->reading);
  command->callback([options, &chosen] {
    chosen = [options] {
      const auto plan = analyse_plan(*options);
      if (!plan) return complain_of_usage(plan.error().detail);
      const auto done = analyse(*options, *plan);
      return done ? exit_success : complain(done.error().detail);
    };
  });
}

}  // namespace packwalk
