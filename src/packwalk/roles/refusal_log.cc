#include "packwalk/roles/refusal_log.h"

#include <chrono>
#include <span>
#include <string_view>
#include <utility>

#include "packwalk/installation/log.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds keep_interval{1};

}  // namespace

RefusalLog::RefusalLog(const DeviceDirectory& directory, Clock& clock, std::unique_ptr<DeviceHealth> health)
    : directory_(directory),
      clock_(clock),
      health_(std::move(health)),
      refusals_([this](const RefusalReport& report) { log(report); }) {}

void RefusalLog::start() {
  if (!health_) return;
  keeper_ =
      std::make_unique<Ticker>(keep_interval, Ticker::First::later, [this] { keep(Refusals::Due::at_intervals); });
}

void RefusalLog::end() {
  if (std::exchange(keeper_, nullptr)) keep(Refusals::Due::all);
}

void RefusalLog::log(const RefusalReport& report) const {
  LogFields fields;
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) fields.emplace_back(name, text);
  };
  add("door", report.door);
  add("reason", report.reason);
  add("from", report.address);
  if (report.device) add("device", directory_.id_ever_of(*report.device));
  add("detail", report.detail);
  fields.emplace_back("count", report.count);
  log_warning("refused", fields);
}

/// Retries a failed write a second later.
void RefusalLog::keep(Refusals::Due due) {
  const auto kept = refusals_.keep_device_refusals(
      [this](std::span<const DeviceRefusal> refusals) { return health_->note(refusals); }, due);
  if (!kept && due == Refusals::Due::all) log_warning("refusals_not_kept", {{"error", kept.error().detail}});
}

}  // namespace packwalk
