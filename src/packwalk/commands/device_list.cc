#include "packwalk/commands/device_list.h"

#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "base/time_text.h"
#include "packwalk/commands/csv_field.h"
#include "packwalk/commands/json_lines.h"
#include "packwalk/commands/subcommand.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

std::string time_or_nothing(const std::optional<ServerTime>& time) { return time ? iso_text(*time) : ""; }

std::string report_json(const DeviceReport& report) {
  return json_object([&](JsonWriter& json) {
    json.member("device", report.device.id.text());
    json.member("number", report.device.number.value);
    json.member("created_at", report.device.created_at);
    json.member("removed_at", report.device.removed_at);
    json.member("last_seen", report.last_seen);
    json.member("fix_count", report.fixes);
    json.member("sample_count", report.samples);
    json.member("duplicate_count", report.duplicates);
    json.member("conflict_count", report.conflicts);
    json.member("invalid_count", report.invalid);
    if (!report.last_refusal) return json.member("last_refusal", nullptr);
    json.object("last_refusal", [&, &last = *report.last_refusal] {
      json.member("at", last.at);
      json.member("door", last.door);
      json.member("reason", last.reason);
    });
  });
}

void print_line(const DeviceReport& report) {
  std::cout << report.device.id.text() << ',' << report.device.number.value << ',' << iso_text(report.device.created_at)
            << ',' << time_or_nothing(report.device.removed_at) << ',' << time_or_nothing(report.last_seen) << ','
            << report.fixes << ',' << report.invalid << ',';
  if (const auto& refusal = report.last_refusal) {
    std::cout << iso_text(refusal->at) << ',' << csv_field(refusal->door + " " + refusal->reason) << '\n';
  } else {
    std::cout << ",\n";
  }
}

}  // namespace

int list_devices(const InstallationOptions& options, bool json) {
  auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  const auto health = installation->device_health();
  if (!health) return complain(health.error().detail);
  JsonLines array;
  bool has_header = json;
  const auto print_header = [&] {  // only after the store has answered
    if (std::exchange(has_header, true)) return;
    std::cout << "device,number,created_at,removed_at,last_seen,fix_count,invalid_count,last_refusal_at,last_refusal\n";
  };
  const auto listed = (*health)->each([&](const DeviceReport& report) {
    print_header();
    if (json) {
      std::cout << array.next() << report_json(report);
    } else {
      print_line(report);
    }
  });
  if (!listed) return complain(listed.error().detail);
  print_header();
  if (json) std::cout << array.end();
  return exit_success;
}

}  // namespace packwalk
