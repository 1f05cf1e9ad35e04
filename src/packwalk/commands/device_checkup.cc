#include "packwalk/commands/device_checkup.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"

namespace packwalk {
namespace {

constexpr std::size_t checkup_devices_max = 20;
constexpr std::chrono::hours silent_after{24};
constexpr std::chrono::seconds same_moment{
    5};  // a refusal this close to `last_seen` belongs to a body that also held good packets

std::string second_text(ServerTime time) { return iso_text(std::chrono::floor<std::chrono::seconds>(time)); }

/// "3 days ago"
std::string ago(ServerTime time, ServerTime now) {
  const auto seconds = std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(now - time).count(), 0);
  const std::pair<std::int64_t, const char*> units[] = {{86'400, "day"}, {3'600, "hour"}, {60, "minute"}};
  for (const auto& [size, name] : units) {
    const std::int64_t count = seconds / size;
    if (count > 0) return counted(count, name) + " ago";
  }
  return "just now";
}

std::string last_seen_of(const DeviceReport& report, ServerTime now) {
  if (!report.last_seen) return "never seen";
  return "last seen " + second_text(*report.last_seen) + " (" + ago(*report.last_seen, now) + ")";
}

std::string counts_of(const DeviceReport& report) {
  std::string text = counted(report.fixes, "fix", "fixes");
  if (report.invalid > 0) text += ", " + counted(report.invalid, "invalid message");
  return text;
}

std::string refusal_of(const DeviceReport& report, ServerTime now) {
  const DeviceRefusal& refusal = *report.last_refusal;
  return "refused at the door " + refusal.door + " " + ago(refusal.at, now) + " (" + refusal.reason + ")";
}

/// `told` is a reason, optionally followed by ": " and a detail.
std::string remedy_of(const std::string& told, const std::string& door) {
  if (told == "invalid: encrypted") return "switch off the encryption in its app";
  const std::string reason = told.substr(0, told.find(": "));
  if (reason == "replaced_token")
    return "give it the new token, or create another one with `packwalk device rotate-token`";
  if (reason == "day_limit") return "let it send less, or raise packets.device_day_max";
  if (reason == "unreadable_limit" || reason == "unreadable" || reason == "wrong_form") {
    return door == "packets"
               ? "its firmware sends an unknown format: see docs/formats.md, and the detail of the response"
               : "its app sends an unknown format: see docs/formats.md for the address of each app";
  }
  if (reason == "bodies_limit" || reason == "too_large") return "let it send fewer packets per request";
  return "query /v1/devices/ID/messages?verdict=invalid to see its messages";
}

class DeviceCheckup {
 public:
  DeviceCheckup(Findings& findings, ServerTime now) : findings_(findings), now_(now) {}

  void look_at(const DeviceReport& report) {
    if (report.device.removed_at) return;
    const std::string seen = report.device.id.text() + ": " + last_seen_of(report, now_);
    const auto& refusal = report.last_refusal;
    if (refusal && (!report.last_seen || refusal->at > *report.last_seen + same_moment)) {
      doubt(seen + "; " + refusal_of(report, now_) + "; " + counts_of(report),
            remedy_of(refusal->reason, refusal->door));
    } else if (report.invalid > 0 && report.fixes == 0 && report.samples == 0) {  // seen at most by other messages
      doubt(seen + "; " + counts_of(report) + (refusal ? "; last " + refusal_of(report, now_) : ""),
            refusal ? remedy_of(refusal->reason, refusal->door) : remedy_of("invalid", ""));
    } else if (!report.last_seen) {
      doubt(seen + "; it was added " + ago(report.device.created_at, now_),
            "enter the address and the token in its app (docs/formats.md); the log has a line `event=refused` for each "
            "refused request");
    } else if (now_ - *report.last_seen > silent_after) {
      doubt(seen + "; " + counts_of(report),
            "check that it is charged and has network coverage, and that its app runs");
    } else {
      const std::string refused = refusal ? "; last " + refusal_of(report, now_) : "";
      if (fine_.size() < checkup_devices_max) fine_.push_back(seen + "; " + counts_of(report) + refused);
      ++fine_count_;
      if (refusal && refusal->at + same_moment >= *report.last_seen) ++partly_refused_;
    }
  }

  void end() {
    if (doubts_ > checkup_devices_max) {
      findings_.doubt(counted(doubts_ - checkup_devices_max, "more device is", "more devices are") + " refused or silent",
                      "`packwalk device list` lists all");
    }
    if (fine_count_ > fine_.size()) {
      fine_ = {counted(fine_count_, "device was", "devices were") + " seen in the last 24 hours"};
      if (partly_refused_ > 0) {
        fine_.back() += "; some packets of " + counted(partly_refused_, "device") +
                        " were refused with the last request: `packwalk device list` says why";
      }
    }
    for (std::string& sentence : fine_) findings_.fine(std::move(sentence));
  }

 private:
  void doubt(std::string says, std::string remedy) {
    if (++doubts_ <= checkup_devices_max) findings_.doubt(std::move(says), std::move(remedy));
  }

  Findings& findings_;
  const ServerTime now_;
  std::size_t doubts_ = 0;
  std::size_t fine_count_ = 0;
  std::size_t partly_refused_ = 0;  // devices of fine_count_ whose last request was partly refused
  std::vector<std::string> fine_;
};

}  // namespace

std::vector<Finding> examine_devices(DeviceHealth& health, ServerTime now) {
  Findings findings("devices");
  DeviceCheckup checkup(findings, now);
  const auto told = health.each([&](const DeviceReport& report) { checkup.look_at(report); });
  if (!told) return {};
  checkup.end();
  return std::move(findings).all();
}

}  // namespace packwalk
