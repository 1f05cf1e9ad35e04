#include <rapidjson/document.h>

#include <limits>
#include <optional>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "core/event/event.h"
#include "core/event/event_form.h"

namespace packwalk {
namespace {

class FactWriter {
 public:
  FactWriter() { json_.begin_object(); }

  void key(std::string_view name, const auto& value) { fact(name, value); }
  void fact(std::string_view name, std::int64_t value) { member(name, value); }
  void fact(std::string_view name, DeviceNumber device) { member(name, device.value); }
  void fact(std::string_view name, DeviceTime time) { member(name, time); }
  void fact(std::string_view name, ServerTime time) { member(name, time); }
  void fact(std::string_view, const LatLon& position) {
    member("lat", JsonDegrees{position.latitude()});
    member("lon", JsonDegrees{position.longitude()});
  }
  void fact(std::string_view name, MaybeMeters meters) { member(name, JsonSaidMeters{meters}); }

  std::string text() && {
    json_.end_object();
    return json_.take();
  }

 private:
  void member(std::string_view name, const auto& value) {
    json_.begin_member_named(name);
    json_.value(value);
  }

  JsonWriter json_;
};

/// What older versions called a fact; a store may still hold such events.
std::string_view older_name(std::string_view name) {
  if (name == "status_before") return "from";
  if (name == "status") return "to";
  return name;
}

/// Reads the facts of one object; remembers the first that is missing or impossible.
class FactReader {
 public:
  explicit FactReader(const rapidjson::Value& object) : object_(object) {}

  void key(std::string_view name, auto& value) { fact(name, value); }
  void fact(std::string_view name, std::int64_t& value) { value = whole(name); }
  void fact(std::string_view name, std::uint8_t& value) {
    value = static_cast<std::uint8_t>(whole(name, 0, std::numeric_limits<std::uint8_t>::max()));
  }
  void fact(std::string_view name, DeviceNumber& device) { device = DeviceNumber{whole(name)}; }
  void fact(std::string_view name, DeviceTime& time) {
    using Seconds = std::numeric_limits<std::int32_t>;
    const auto written = text(name);
    const auto read = written ? time_from_text(*written) : std::optional(device_time(whole(name)));
    const bool is_possible =
        read && seconds_since_1970(*read) >= Seconds::min() && seconds_since_1970(*read) <= Seconds::max();
    if (!is_possible) return refuse(name);
    time = *read;
  }
  void fact(std::string_view name, ServerTime& time) {
    const auto written = text(name);
    const auto read = written ? server_time_from_text(*written) : std::optional(server_time(whole(name)));
    if (!read) return refuse(name);
    time = *read;
  }
  void fact(std::string_view name, LatLon& position) {
    const auto read = LatLon::from_degrees(number("lat"), number("lon"));
    if (read) {
      position = *read;
    } else {
      refuse(name);
    }
  }
  void fact(std::string_view name, MaybeMeters& meters) {
    const auto* found = find(name);
    const bool is_unknown = found != nullptr && found->IsNull();
    meters = is_unknown ? MaybeMeters() : MaybeMeters(number(name));
  }

  const std::optional<std::string>& wrong() const { return wrong_; }

 private:
  const rapidjson::Value* find(std::string_view name) const {
    for (const std::string_view each : {name, older_name(name)}) {
      const rapidjson::Value key(each.data(), static_cast<rapidjson::SizeType>(each.size()));
      const auto found = object_.FindMember(key);
      if (found != object_.MemberEnd()) return &found->value;
    }
    return nullptr;
  }
  /// Nothing where the fact is missing or no text. Older versions wrote times as numbers since 1970.
  std::optional<std::string_view> text(std::string_view name) const {
    const auto* found = find(name);
    if (found == nullptr || !found->IsString()) return std::nullopt;
    return std::string_view(found->GetString(), found->GetStringLength());
  }
  std::int64_t whole(std::string_view name, std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                     std::int64_t greatest = std::numeric_limits<std::int64_t>::max()) {
    const auto* found = find(name);
    const bool is_whole = found != nullptr && found->IsInt64();
    const std::int64_t value = is_whole ? found->GetInt64() : 0;
    if (!is_whole || value < least || value > greatest) refuse(name);
    return value;
  }
  double number(std::string_view name) {
    const auto* found = find(name);
    if (found != nullptr && found->IsNumber()) return found->GetDouble();
    refuse(name);
    return 0;
  }
  void refuse(std::string_view name) {
    if (!wrong_) wrong_ = name;
  }

  const rapidjson::Value& object_;
  std::optional<std::string> wrong_;
};

template <std::size_t index = 0>
std::optional<Event> event_of_kind(std::string_view kind) {
  if constexpr (index < std::variant_size_v<Event>) {
    using Kind = std::variant_alternative_t<index, Event>;
    if (EventForm<Kind>::kind == kind) return Event(std::in_place_index<index>);
    return event_of_kind<index + 1>(kind);
  } else {
    return std::nullopt;
  }
}

}  // namespace

std::string to_json(const Event& event) {
  FactWriter writer;
  std::visit([&]<class Kind>(const Kind& each) { EventForm<Kind>::facts(each, writer); }, event);
  return std::move(writer).text();
}

Result<Event> event_from_json(std::string_view kind, DeviceNumber device, std::string_view json) {
  std::optional<Event> event = event_of_kind(kind);
  if (!event) return fail(Errc::corrupt, "no event is of the kind " + std::string(kind));
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    return fail(Errc::corrupt, "the facts of the event " + std::string(kind) + " are no JSON object");
  }
  FactReader reader(document);
  std::visit(
      [&]<class Kind>(Kind& each) {
        each.device = device;
        EventForm<Kind>::facts(each, reader);
      },
      *event);
  if (reader.wrong()) {
    return fail(Errc::corrupt, "the event " + std::string(kind) + " has no possible " + *reader.wrong());
  }
  return *std::move(event);
}

}  // namespace packwalk
