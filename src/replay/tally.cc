#include "replay/tally.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "base/text.h"
#include "core/packet/json_elements.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t unreadable_shown_max = 20;

/// Whole numbers at some paths of the one object in `json`; nothing when one is missing.
template <std::size_t count>
std::optional<std::array<std::int64_t, count>> numbers_in(std::string_view json,
                                                          const std::array<std::string_view, count>& paths) {
  std::array<std::int64_t, count> numbers{};
  bool all = false;
  const DecodedBody decoded =
      decode_json_elements(json, {"", paths}, {.packets_max = 1}, [&](std::span<const JsonValue> values) {
        all = true;
        for (std::size_t i = 0; i < count; ++i) {
          all = all && values[i].kind == JsonValue::Kind::number && std::abs(values[i].number) < 1e18;
          if (all) numbers.at(i) = static_cast<std::int64_t>(values[i].number);
        }
        return Content(Heartbeat{});
      });
  return all && !decoded.unreadable ? std::optional(numbers) : std::nullopt;
}

void append_members(std::string& json, const Tally& tally) {
  append_member(json, "rows", tally.rows);
  append_member(json, "scheduled", tally.scheduled);
  append_member(json, "sent", tally.sent);
  append_member(json, "taken", tally.taken);
  append_member(json, "invalid", tally.invalid);
  append_member(json, "refused", tally.refused);
  append_member(json, "given_up", tally.given_up);
  append_member(json, "unsure", tally.unsure);
  json.append(",\"judged\":");
  if (tally.judged) {
    json.push_back('{');
    append_member(json, "accepted", tally.judged->accepted);
    append_member(json, "duplicate", tally.judged->duplicate);
    append_member(json, "conflict", tally.judged->conflict);
    append_member(json, "invalid", tally.judged->invalid);
    json.push_back('}');
  } else {
    json.append("null");
  }
  json.append(",\"closes\":").append(tally.closes() ? "true" : "false");
}

constexpr std::array<const char*, 8> headings = {"rows",     "sent",      "taken",    "invalid",
                                                 "accepted", "duplicate", "conflict", "invalid"};

void append_cells(std::string& text, const std::string& name, std::size_t name_width,
                  const std::array<std::string, headings.size()>& cells) {
  text.append(name).append(name_width - std::min(name_width, name.size()), ' ');
  for (const std::string& cell : cells) {
    text.append(11 - std::min<std::size_t>(10, cell.size()), ' ').append(cell);
  }
  text.push_back('\n');
}

void append_line(std::string& text, const std::string& name, std::size_t name_width, const Tally& tally) {
  const auto judged = [&](std::int64_t Judged::*verdict) {
    return tally.judged ? std::to_string((*tally.judged).*verdict) : std::string("?");
  };
  append_cells(text, name, name_width,
               {std::to_string(tally.rows), std::to_string(tally.sent), std::to_string(tally.taken),
                std::to_string(tally.invalid), judged(&Judged::accepted), judged(&Judged::duplicate),
                judged(&Judged::conflict), judged(&Judged::invalid)});
}

std::string conclusion_of(const ReplayTally& tally, const Tally& total) {
  if (!total.judged) return "The server's verdicts are not known: give --data or --admin-token to compare them.\n";
  const bool balances = tally.balances();
  std::string text = tally.closes() ? "The tally closes: sent "
                     : balances     ? "Not all was sent; what was is accounted for: sent "
                                    : "THE ACCOUNT DOES NOT CLOSE: sent ";
  text.append(std::to_string(total.sent)).append(balances && total.judged->sum() == total.sent ? " = " : ", judged ");
  text.append(std::to_string(total.judged->accepted)).append(" accepted + ");
  text.append(std::to_string(total.judged->duplicate)).append(" duplicate + ");
  text.append(std::to_string(total.judged->conflict)).append(" conflict + ");
  text.append(std::to_string(total.judged->invalid)).append(" invalid");
  if (total.unsure > 0) {
    text.append(" (and ").append(std::to_string(total.unsure)).append(" may have come once more, without an answer)");
  }
  return text.append(".\n");
}

}  // namespace

Judged& Judged::operator+=(const Judged& other) {
  accepted += other.accepted;
  duplicate += other.duplicate;
  conflict += other.conflict;
  invalid += other.invalid;
  return *this;
}

Judged operator-(const Judged& after, const Judged& before) {
  return {after.accepted - before.accepted, after.duplicate - before.duplicate, after.conflict - before.conflict,
          after.invalid - before.invalid};
}

std::optional<Judged> judged_from(std::string_view json) {
  constexpr std::array<std::string_view, 4> paths = {"messages.accepted", "messages.duplicate", "messages.conflict",
                                                     "messages.invalid"};
  const auto numbers = numbers_in(json, paths);
  if (!numbers) return std::nullopt;
  return Judged{(*numbers)[0], (*numbers)[1], (*numbers)[2], (*numbers)[3]};
}

std::optional<Taken> taken_from(std::string_view json) {
  constexpr std::array<std::string_view, 1> paths = {"taken"};
  const auto taken = numbers_in(json, paths);
  const DecodedBody invalid =
      decode_json_elements(json, {"invalid", {}}, {.packets_max = std::numeric_limits<std::size_t>::max()},
                           [](std::span<const JsonValue>) { return Content(Heartbeat{}); });
  if (!taken || invalid.unreadable) return std::nullopt;
  // Of many not all are listed.
  constexpr std::array<std::string_view, 1> counted = {"invalid_count"};
  const auto count = numbers_in(json, counted);
  return Taken{(*taken)[0], count ? (*count)[0] : static_cast<std::int64_t>(invalid.messages.size())};
}

Tally& Tally::operator+=(const Tally& other) {
  rows += other.rows;
  scheduled += other.scheduled;
  sent += other.sent;
  taken += other.taken;
  invalid += other.invalid;
  refused += other.refused;
  given_up += other.given_up;
  unsure += other.unsure;
  if (judged && other.judged) {
    *judged += *other.judged;
  } else {
    judged.reset();
  }
  return *this;
}

bool Tally::balances() const {
  if (taken + invalid != sent) return false;
  if (!judged) return true;
  const std::int64_t beyond = judged->sum() - sent;
  return beyond >= 0 && beyond <= unsure && (unsure > 0 || judged->invalid == invalid);
}

Tally ReplayTally::total() const {
  Tally total;
  total.judged = Judged{};
  for (const DeviceTally& device : devices) total += device.tally;
  return total;
}

bool ReplayTally::closes() const {
  return std::all_of(devices.begin(), devices.end(), [](const auto& device) { return device.tally.closes(); });
}

bool ReplayTally::balances() const {
  return std::all_of(devices.begin(), devices.end(), [](const auto& device) { return device.tally.balances(); });
}

std::string text_of(const ReplayTally& tally, std::size_t devices_max) {
  const Tally total = tally.total();
  std::size_t width = std::string_view("device").size();
  const std::size_t shown = std::min(devices_max, tally.devices.size());
  for (std::size_t i = 0; i < shown; ++i) width = std::max(width, tally.devices[i].device.size());
  std::string text;
  std::array<std::string, headings.size()> titles;
  std::copy(headings.begin(), headings.end(), titles.begin());
  append_cells(text, "", width, {"", "", "by", "answers", "judged", "", "", ""});
  append_cells(text, "device", width, titles);
  for (std::size_t i = 0; i < shown; ++i) {
    const DeviceTally& device = tally.devices[i];
    append_line(text, device.device, width, device.tally);
    if (!device.tally.balances()) text.append("  ^ does not close\n");
  }
  if (shown < tally.devices.size()) {
    text.append("and ").append(std::to_string(tally.devices.size() - shown)).append(" more\n");
  }
  append_line(text, "total", width, total);
  text.append("\n").append(counted(tally.requests, "request")).append("; ");
  text.append(counted(tally.busy_answers, "was", "were")).append(" asked to come again, ");
  text.append(std::to_string(tally.lost_answers)).append(" got no answer; packets refused ");
  text.append(std::to_string(total.refused)).append(", given up ").append(std::to_string(total.given_up)).append(".\n");
  if (total.sent != total.scheduled) {
    text.append("Of ").append(counted(total.scheduled, "packet")).append(" to send, ");
    text.append(counted(total.scheduled - total.sent, "was", "were")).append(" not sent");
    text.append(tally.interrupted ? ": it was stopped.\n" : ".\n");
  }
  for (const std::string& trouble : tally.troubles) text.append("  ").append(trouble).append("\n");
  if (!tally.unreadable.empty()) {
    const auto unreadable = static_cast<std::int64_t>(tally.unreadable.size());
    text.append(counted(unreadable, "row")).append(" cannot be read and ");
    text.append(unreadable == 1 ? "was" : "were").append(" not sent:\n");
    for (std::size_t i = 0; i < std::min(unreadable_shown_max, tally.unreadable.size()); ++i) {
      const UnreadableRow& row = tally.unreadable[i];
      text.append("  line ").append(std::to_string(row.line)).append(": ").append(row.reason).append("\n");
    }
  }
  return text.append(conclusion_of(tally, total));
}

std::string json_of(const ReplayTally& tally) {
  std::string json = "{\"file\":";
  append_json_string(json, tally.file);
  json.append(",\"devices\":[");
  for (const DeviceTally& device : tally.devices) {
    if (json.back() != '[') json.push_back(',');
    json.append("{\"device\":");
    append_json_string(json, device.device);
    json.append(",\"name\":");
    append_json_string(json, device.name);
    append_members(json, device.tally);
    json.push_back('}');
  }
  json.append("],\"total\":{");
  append_members(json, tally.total());
  json.append("},\"unreadable\":[");
  for (const UnreadableRow& row : tally.unreadable) {
    json.append(json.back() == '[' ? "{" : ",{");
    append_member(json, "line", static_cast<std::int64_t>(row.line));
    json.append(",\"reason\":");
    append_json_string(json, row.reason);
    json.push_back('}');
  }
  json.push_back(']');
  append_member(json, "requests", tally.requests);
  append_member(json, "busy_answers", tally.busy_answers);
  append_member(json, "lost_answers", tally.lost_answers);
  json.append(",\"interrupted\":").append(tally.interrupted ? "true" : "false");
  json.append(",\"closes\":").append(tally.closes() ? "true" : "false");
  return json.append("}\n");
}

}  // namespace packwalk::replay
