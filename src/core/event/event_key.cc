// The kind, the time and the key of an event.
#include "core/event/event.h"
#include "core/event/event_form.h"

namespace packwalk {
namespace {

/// Writes the facts of a key behind the kind.
class KeyWriter {
 public:
  explicit KeyWriter(std::string_view kind) : text_(kind) {}

  void key(std::string_view, std::int64_t value) { text_.append(":").append(std::to_string(value)); }
  void key(std::string_view name, DeviceNumber device) { key(name, device.value); }
  void key(std::string_view name, DeviceTime time) { key(name, seconds_since_1970(time)); }
  void key(std::string_view name, ServerTime time) { key(name, microseconds_since_1970(time)); }
  void fact(std::string_view, const auto&) {}

  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

DeviceNumber device_of(const Event& event) {
  return std::visit([](const auto& each) { return each.device; }, event);
}

std::string_view kind_of(const Event& event) {
  return std::visit([]<class Kind>(const Kind&) { return EventForm<Kind>::kind; }, event);
}

DeviceTime time_of(const Event& event) {
  return std::visit([]<class Kind>(const Kind& each) { return EventForm<Kind>::time(each); }, event);
}

std::string key(const Event& event) {
  KeyWriter writer(kind_of(event));
  std::visit([&]<class Kind>(const Kind& each) { EventForm<Kind>::facts(each, writer); }, event);
  return std::move(writer).text();
}

}  // namespace packwalk
