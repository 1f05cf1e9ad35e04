#include "packwalk/commands/device_list.h"

#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "base/time_text.h"
#include "packwalk/commands/csv_field.h"
#include "packwalk/commands/json_object.h"
#include "packwalk/commands/subcommand.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

std::string time_text(ServerTime time) { return iso_text(std::chrono::floor<std::chrono::seconds>(time)); }

std::optional<std::string> text_of(const std::optional<ServerTime>& time) {
  return time ? std::optional(time_text(*time)) : std::nullopt;
}

std::string json_of(const DeviceReport& report) {
  JsonObject object;
  object.add("device", report.device.id.text())
      .add("number", report.device.number.value)
      .add("created_at", time_text(report.device.created_at))
      .add("removed_at", text_of(report.device.removed_at))
      .add("last_seen", text_of(report.last_seen))
      .add("fixes", report.fixes)
      .add("samples", report.samples)
      .add("duplicate", report.duplicates)
      .add("conflict", report.conflicts)
      .add("invalid", report.invalid);
  if (const auto& refusal = report.last_refusal) {
    JsonObject last;
    last.add("at", time_text(refusal->at)).add("door", refusal->door).add("reason", refusal->reason);
    object.add_raw("last_refusal", last.text());
  } else {
    object.add_raw("last_refusal", "null");
  }
  return object.text();
}

void print_line(const DeviceReport& report) {
  std::cout << report.device.id.text() << ',' << report.device.number.value << ','
            << time_text(report.device.created_at) << ',' << text_of(report.device.removed_at).value_or("") << ','
            << text_of(report.last_seen).value_or("") << ',' << report.fixes << ',' << report.invalid << ',';
  if (const auto& refusal = report.last_refusal) {
    std::cout << time_text(refusal->at) << ',' << csv_field(refusal->door + " " + refusal->reason) << '\n';
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
  JsonArray array;
  bool has_header = json;
  const auto print_header = [&] {  // not before the store has answered
    if (std::exchange(has_header, true)) return;
    std::cout << "device,number,created_at,removed_at,last_seen,fixes,invalid,last_refusal_at,last_refusal\n";
  };
  const auto listed = (*health)->each([&](const DeviceReport& report) {
    print_header();
    if (json) {
      std::cout << array.next() << json_of(report);
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
