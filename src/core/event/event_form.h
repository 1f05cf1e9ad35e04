// The one description of each event: its kind, its time, and the facts in its key and its JSON.
#pragma once

#include <chrono>
#include <string_view>

#include "core/event/event.h"

namespace packwalk {

/// `facts(event, form)` names each fact in its order: form.key() if it is part of the key, else form.fact(). So one
/// description serves the key, the writer and the reader.
template <class Kind>
struct EventForm;

template <>
struct EventForm<StatusChange> {
  static constexpr std::string_view kind = "status_changed";
  static DeviceTime time(const StatusChange& event) { return event.timestamp; }
  static void facts(auto& event, auto& form) {
    form.key("timestamp", event.timestamp);
    form.key("status_before", event.from);
    form.key("status", event.to);
    form.fact("received_at", event.received_at);
  }
};

template <>
struct EventForm<SearchFix> {
  static constexpr std::string_view kind = "search_fix";
  static DeviceTime time(const SearchFix& event) { return event.timestamp; }
  static void facts(auto& event, auto& form) {
    form.key("timestamp", event.timestamp);
    form.fact("position", event.position);
    form.fact("accuracy_m", event.accuracy);
  }
};

template <>
struct EventForm<WalkStarted> {
  static constexpr std::string_view kind = "walk_started";
  static DeviceTime time(const WalkStarted& event) { return event.from; }
  static void facts(auto& event, auto& form) {
    form.key("companion", event.companion);
    form.key("from", event.from);
  }
};

template <>
struct EventForm<WalkFound> {
  static constexpr std::string_view kind = "walk_found";
  static DeviceTime time(const WalkFound& event) { return event.to; }
  static void facts(auto& event, auto& form) {
    form.key("companion", event.companion);
    form.key("from", event.from);
    form.fact("to", event.to);
  }
};

template <>
struct EventForm<Met> {
  static constexpr std::string_view kind = "met";
  static DeviceTime time(const Met& event) { return event.from; }
  static void facts(auto& event, auto& form) {
    form.key("companion", event.companion);
    form.key("from", event.from);
  }
};

template <>
struct EventForm<Silent> {
  static constexpr std::string_view kind = "silent";
  static DeviceTime time(const Silent& event) { return std::chrono::floor<std::chrono::seconds>(event.last_seen); }
  static void facts(auto& event, auto& form) { form.key("last_seen", event.last_seen); }
};

template <>
struct EventForm<Back> {
  static constexpr std::string_view kind = "back";
  static DeviceTime time(const Back& event) { return std::chrono::floor<std::chrono::seconds>(event.back_at); }
  static void facts(auto& event, auto& form) {
    form.key("last_seen", event.last_seen);
    form.fact("back_at", event.back_at);
  }
};

template <>
struct EventForm<FenceLeft> {
  static constexpr std::string_view kind = "fence_left";
  static DeviceTime time(const FenceLeft& event) { return event.timestamp; }
  static void facts(auto& event, auto& form) {
    form.key("fence", event.fence);
    form.key("timestamp", event.timestamp);
  }
};

template <>
struct EventForm<FenceEntered> {
  static constexpr std::string_view kind = "fence_entered";
  static DeviceTime time(const FenceEntered& event) { return event.timestamp; }
  static void facts(auto& event, auto& form) {
    form.key("fence", event.fence);
    form.key("timestamp", event.timestamp);
  }
};

template <>
struct EventForm<BatteryLow> {
  static constexpr std::string_view kind = "battery_low";
  static DeviceTime time(const BatteryLow& event) { return event.timestamp; }
  static void facts(auto& event, auto& form) {
    form.key("timestamp", event.timestamp);
    form.fact("percent", event.percent);
  }
};

template <>
struct EventForm<GoalMet> {
  static constexpr std::string_view kind = "goal_met";
  static DeviceTime time(const GoalMet& event) { return event.day; }
  static void facts(auto& event, auto& form) { form.key("day", event.day); }
};

}  // namespace packwalk
