#include "packwalk/commands/analysis_report.h"

#include <optional>
#include <string_view>

#include "base/text.h"
#include "base/time_text.h"
#include "packwalk/commands/json_object.h"
#include "packwalk/installation/build.h"
#include "packwalk/installation/version.h"

namespace packwalk {
namespace {

std::optional<std::string> iso_of(std::optional<DeviceTime> time) {
  return time ? std::optional(iso_text(*time)) : std::nullopt;
}

std::string json_of(std::span<const std::string> texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json.push_back(',');
    append_json_string(json, text);
  }
  return json + "]";
}

std::string constants_of(const AnalysisRules& rules) {
  JsonObject json;
  for (const NamedRule& rule : named_rules()) json.add(rule.name, rule.get(rules));
  return json.text();
}

/// `{"device":"collar"}` of "device = collar".
std::string columns_of(const replay::Reading& reading) {
  constexpr std::string_view equals = " = ";
  JsonObject json;
  for (const std::string_view meaning : reading.meanings) {
    const std::size_t at = meaning.find(equals);
    if (at != std::string_view::npos) json.add(meaning.substr(0, at), meaning.substr(at + equals.size()));
  }
  return json.text();
}

std::string json_of(const ReadInput& input) {
  JsonObject json;
  json.add("file", input.path)
      .add("kind", input.is_sleep ? "sleep" : "fixes")
      .add("bytes", input.bytes)
      .add("sha256", input.sha256)
      .add("form", input.reading.form)
      .add_raw("columns", columns_of(input.reading))
      .add("rows", input.rows)
      .add("unreadable", input.unreadable)
      .add("without_position", input.reading.without_position)
      .add("not_visible", input.reading.not_visible)
      .add_raw("warnings", json_of(warnings_of(input.reading)));
  return json.text();
}

std::string read_json(const AnalysisReport& report) {
  const ReadingFacts& facts = report.facts;
  JsonObject json;
  json.add("rows", report.recorded.rows())
      .add("fixes", facts.fixes)
      .add("devices", facts.devices)
      .add("first", iso_of(facts.first))
      .add("last", iso_of(facts.last))
      .add("median_interval", facts.median_interval);
  return json.text();
}

std::string left_json(const LeftRows& left) {
  JsonObject out;
  out.add("without_position", left.without_position)
      .add("not_visible", left.not_visible)
      .add("same_second", left.same_second)
      .add("out_of_range", left.out_of_range);
  return out.text();
}

std::string dropped_json(const LeftRows& left) {
  JsonObject dropped;
  dropped.add("unreadable", left.unreadable)
      .add("not_on_earth", left.invalid)
      .add("conflicting", left.conflicting)
      .add("example", left.example.empty() ? std::nullopt : std::optional(left.example));
  return dropped.text();
}

std::string counts_json(const AnalysisCounts& counts) {
  JsonObject json;
  json.add("devices", counts.devices)
      .add("fixes", counts.fixes)
      .add("outliers", counts.outliers)
      .add("tracks", counts.tracks)
      .add("contacts", counts.contacts)
      .add("joint_walks", counts.joint_walks);
  return json.text();
}

}  // namespace

std::string json_of(const AnalysisReport& report) {
  std::string inputs = "[";
  for (const ReadInput& input : report.recorded.inputs()) {
    inputs.append(inputs.size() > 1 ? "," : "").append(json_of(input));
  }
  const auto told = [](DeviceTime time) {
    const bool is_told = time != DeviceTime::min() && time != DeviceTime::max();
    return iso_of(is_told ? std::optional(time) : std::nullopt);
  };
  JsonObject json;
  json.add("version", version)
      .add("commit", build_commit())
      .add("preset", report.preset)
      .add_raw("constants", constants_of(report.rules))
      .add("from", told(report.range.from))
      .add("to", told(report.range.until))
      .add_raw("inputs", inputs + "]")
      .add_raw("read", read_json(report))
      .add_raw("left_out", left_json(report.recorded.left()))
      .add_raw("dropped", dropped_json(report.recorded.left()))
      .add_raw("notes", json_of(report.recorded.notes()))
      .add_raw("warnings", json_of(report.doubts))
      .add_raw("counts", counts_json(report.counts));
  return json.text() + "\n";
}

}  // namespace packwalk
