#include "replay/tally.h"

#include <algorithm>
#include <array>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t unreadable_shown_max = 20;

void write_judged(JsonWriter& json, const std::optional<Judged>& judged) {
  if (!judged) return json.member("judged", nullptr);
  json.object("judged", [&] {
    json.member("accepted_count", judged->accepted);
    json.member("duplicate_count", judged->duplicate);
    json.member("conflict_count", judged->conflict);
    json.member("invalid_count", judged->invalid);
  });
}

void write_tally(JsonWriter& json, const Tally& tally) {
  json.member("row_count", tally.rows);
  json.member("scheduled_count", tally.scheduled);
  json.member("sent_count", tally.sent);
  json.member("taken_count", tally.taken);
  json.member("invalid_count", tally.invalid);
  json.member("refused_count", tally.refused);
  json.member("given_up_count", tally.given_up);
  json.member("unsure_count", tally.unsure);
  write_judged(json, tally.judged);
  json.member("closes", tally.closes());
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
  if (!total.judged) return "The server's verdicts are unknown. Give --data or --admin-token to compare them.\n";
  const bool balances = tally.balances();
  std::string text = tally.closes() ? "The tally closes: sent "
                     : balances     ? "Not everything was sent. The tally of the sent packets closes: sent "
                                    : "THE TALLY DOES NOT CLOSE: sent ";
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

std::optional<Judged> judged_from(std::string_view text) {
  const auto json = JsonDocument::from_text(text);
  if (!json) return std::nullopt;
  const auto accepted = json->integer({"accepted_count"});
  const auto duplicate = json->integer({"duplicate_count"});
  const auto conflict = json->integer({"conflict_count"});
  const auto invalid = json->integer({"invalid_count"});
  if (!accepted || !duplicate || !conflict || !invalid) return std::nullopt;
  return Judged{*accepted, *duplicate, *conflict, *invalid};
}

std::optional<Taken> taken_from(std::string_view text) {
  const auto json = JsonDocument::from_text(text);
  if (!json) return std::nullopt;
  const auto taken = json->integer({"taken_count"});
  const auto listed = json->array_size({"invalid"});
  if (!taken || !listed) return std::nullopt;
  const auto count = json->integer({"invalid_count"});  // of many not all are listed
  return Taken{*taken, count.value_or(static_cast<std::int64_t>(*listed))};
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
  JsonWriter json;
  json.object([&] {
    json.member("file", tally.file);
    json.array("devices", [&] {
      for (const DeviceTally& device : tally.devices) {
        json.object([&] {
          json.member("device", device.device);
          json.member("name", device.name);
          write_tally(json, device.tally);
        });
      }
    });
    json.object("total", [&] { write_tally(json, tally.total()); });
    json.array("unreadable", [&] {
      for (const UnreadableRow& row : tally.unreadable) {
        json.object([&] {
          json.member("line", row.line);
          json.member("reason", row.reason);
        });
      }
    });
    json.member("requests", tally.requests);
    json.member("busy_answers", tally.busy_answers);
    json.member("lost_answers", tally.lost_answers);
    json.member("interrupted", tally.interrupted);
    json.member("closes", tally.closes());
  });
  json.new_line();
  return json.take();
}

}  // namespace packwalk::replay
