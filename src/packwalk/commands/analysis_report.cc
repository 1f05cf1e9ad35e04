#include "packwalk/commands/analysis_report.h"

#include <optional>
#include <string_view>

#include "base/time_text.h"
#include "packwalk/commands/json_lines.h"
#include "packwalk/installation/build.h"
#include "packwalk/installation/version.h"

namespace packwalk {
namespace {

std::optional<std::string> iso_of(std::optional<DeviceTime> time) {
  return time ? std::optional(iso_text(*time)) : std::nullopt;
}

void write_texts(JsonWriter& json, JsonName name, std::span<const std::string> texts) {
  json.array(name, [&] {
    for (const std::string& text : texts) json.value(text);
  });
}

void write_constants(JsonWriter& json, const AnalysisRules& rules) {
  json.object("constants", [&] {
    for (const NamedRule& rule : named_rules()) {
      json.begin_member_named(rule.name);
      json.value(rule.get(rules));
    }
  });
}

/// `{"device":"collar"}` of "device = collar".
void write_columns(JsonWriter& json, const replay::Reading& reading) {
  constexpr std::string_view equals = " = ";
  json.object("columns", [&] {
    for (const std::string_view meaning : reading.meanings) {
      const std::size_t at = meaning.find(equals);
      if (at == std::string_view::npos) continue;
      json.begin_member_named(meaning.substr(0, at));
      json.value(meaning.substr(at + equals.size()));
    }
  });
}

void write_input(JsonWriter& json, const ReadInput& input) {
  json.object([&] {
    json.member("file", input.path);
    json.member("kind", input.is_sleep ? "sleep" : "fixes");
    json.member("bytes", input.bytes);
    json.member("sha256", input.sha256);
    json.member("form", input.reading.form);
    write_columns(json, input.reading);
    json.member("row_count", input.rows);
    json.member("unreadable_count", input.unreadable);
    json.member("without_position_count", input.reading.without_position);
    json.member("not_visible_count", input.reading.not_visible);
    write_texts(json, "warnings", warnings_of(input.reading));
  });
}

void write_facts(JsonWriter& json, const AnalysisReport& report) {
  const ReadingFacts& facts = report.facts;
  json.object("read", [&] {
    json.member("row_count", report.recorded.rows());
    json.member("fix_count", facts.fixes);
    json.member("device_count", facts.devices);
    json.member("first", iso_of(facts.first));
    json.member("last", iso_of(facts.last));
    json.member("median_interval_seconds", facts.median_interval);
  });
}

void write_left(JsonWriter& json, const LeftRows& left) {
  json.object("left_out", [&] {
    json.member("without_position_count", left.without_position);
    json.member("not_visible_count", left.not_visible);
    json.member("same_second_count", left.same_second);
    json.member("out_of_range_count", left.out_of_range);
  });
  json.object("dropped", [&] {
    json.member("unreadable_count", left.unreadable);
    json.member("not_on_earth_count", left.invalid);
    json.member("conflicting_count", left.conflicting);
    const std::string& example = left.example.empty() ? left.invalid_example : left.example;
    json.member("example", example.empty() ? std::nullopt : std::optional(example));
  });
}

void write_counts(JsonWriter& json, const AnalysisCounts& counts) {
  json.object("counts", [&] {
    json.member("device_count", counts.devices);
    json.member("fix_count", counts.fixes);
    json.member("outlier_count", counts.outliers);
    json.member("track_count", counts.tracks);
    json.member("contact_count", counts.contacts);
    json.member("joint_walk_count", counts.joint_walks);
  });
}

}  // namespace

std::string json_of(const AnalysisReport& report) {
  const auto told = [](DeviceTime time) {
    const bool is_told = time != DeviceTime::min() && time != DeviceTime::max();
    return iso_of(is_told ? std::optional(time) : std::nullopt);
  };
  return json_object([&](JsonWriter& json) {
           json.member("version", version);
           json.member("commit", build_commit());
           json.member("preset", report.preset);
           write_constants(json, report.rules);
           json.member("from", told(report.range.from));
           json.member("to", told(report.range.until));
           json.array("inputs", [&] {
             for (const ReadInput& input : report.recorded.inputs()) write_input(json, input);
           });
           write_facts(json, report);
           write_left(json, report.recorded.left());
           write_texts(json, "notes", report.recorded.notes());
           write_texts(json, "warnings", report.doubts);
           write_counts(json, report.counts);
         }) +
         "\n";
}

}  // namespace packwalk
