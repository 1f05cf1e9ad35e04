#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <limits>
#include <optional>

#include "core/event/event.h"
#include "core/event/event_form.h"

namespace packwalk {
namespace {

class FactWriter {
 public:
  FactWriter() { json_.StartObject(); }

  void key(const char* name, const auto& value) { fact(name, value); }
  void fact(const char* name, std::int64_t value) {
    json_.Key(name);
    json_.Int64(value);
  }
  void fact(const char* name, DeviceNumber device) { fact(name, device.value); }
  void fact(const char* name, DeviceTime time) { fact(name, seconds_since_1970(time)); }
  void fact(const char* name, ServerTime time) { fact(name, microseconds_since_1970(time)); }
  void fact(const char*, const LatLon& position) {
    json_.Key("lat");
    json_.Double(position.latitude());
    json_.Key("lon");
    json_.Double(position.longitude());
  }
  void fact(const char* name, MaybeMeters meters) {
    json_.Key(name);
    if (meters.known()) {
      json_.Double(meters.value_or(0));
    } else {
      json_.Null();
    }
  }

  std::string text() && {
    json_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> json_{buffer_};
};

/// Reads the facts of one object; remembers the first that is missing or impossible.
class FactReader {
 public:
  explicit FactReader(const rapidjson::Value& object) : object_(object) {}

  void key(const char* name, auto& value) { fact(name, value); }
  void fact(const char* name, std::int64_t& value) { value = whole(name); }
  void fact(const char* name, std::uint8_t& value) {
    value = static_cast<std::uint8_t>(whole(name, 0, std::numeric_limits<std::uint8_t>::max()));
  }
  void fact(const char* name, DeviceNumber& device) { device = DeviceNumber{whole(name)}; }
  void fact(const char* name, DeviceTime& time) {
    using Seconds = std::numeric_limits<std::int32_t>;
    time = device_time(whole(name, Seconds::min(), Seconds::max()));
  }
  void fact(const char* name, ServerTime& time) { time = server_time(whole(name)); }
  void fact(const char* name, LatLon& position) {
    const auto read = LatLon::from_degrees(number("lat"), number("lon"));
    if (read) {
      position = *read;
    } else {
      refuse(name);
    }
  }
  void fact(const char* name, MaybeMeters& meters) {
    const auto found = object_.FindMember(name);
    const bool is_unknown = found != object_.MemberEnd() && found->value.IsNull();
    meters = is_unknown ? MaybeMeters() : MaybeMeters(number(name));
  }

  const std::optional<std::string>& wrong() const { return wrong_; }

 private:
  std::int64_t whole(const char* name, std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                     std::int64_t greatest = std::numeric_limits<std::int64_t>::max()) {
    const auto found = object_.FindMember(name);
    const bool is_whole = found != object_.MemberEnd() && found->value.IsInt64();
    const std::int64_t value = is_whole ? found->value.GetInt64() : 0;
    if (!is_whole || value < least || value > greatest) refuse(name);
    return value;
  }
  double number(const char* name) {
    const auto found = object_.FindMember(name);
    if (found != object_.MemberEnd() && found->value.IsNumber()) return found->value.GetDouble();
    refuse(name);
    return 0;
  }
  void refuse(const char* name) {
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
