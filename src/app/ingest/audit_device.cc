#include "app/ingest/audit_device.h"

#include <limits>
#include <utility>

#include "app/ingest/stored_message_reader.h"

namespace packwalk {
namespace {

constexpr std::size_t page_messages = 100;
constexpr auto greatest_ordinal = static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());

/// A set of device times in a few bytes. Different sets have equal tallies with a probability of 2^-64.
struct TimeTally {
  std::int64_t count = 0;
  std::uint64_t sum = 0;

  void add(DeviceTime time) {
    ++count;
    const std::int64_t seconds = seconds_since_1970(time);
    sum += hash_of_bytes({reinterpret_cast<const char*>(&seconds), sizeof seconds});
  }
  friend bool operator==(const TimeTally&, const TimeTally&) = default;
};

StandingFix standing_of(const TrackPacket& packet, const StoredMessage& message) {
  return {packet.position.latitude(),
          packet.position.longitude(),
          packet.altitude,
          packet.accuracy,
          message.received_at,
          packet.status,
          message.hash};
}
StandingSample standing_of(const ActivityPacket& packet, const StoredMessage& message) {
  return {static_cast<std::int64_t>(packet.activity), packet.steps, message.received_at, packet.status, message.hash};
}

/// The hash of a stored row, computed like that of a new message; empty for a position that is not on earth.
std::optional<ContentHash> hash_now(const StandingFix& row, DeviceTime timestamp) {
  const auto position = LatLon::from_degrees(row.latitude, row.longitude);
  if (!position) return std::nullopt;
  return hash_of(TrackPacket{static_cast<std::uint8_t>(row.status), timestamp, *position, row.altitude, row.accuracy});
}
std::optional<ContentHash> hash_now(const StandingSample& row, DeviceTime /*timestamp*/) { return row.hash; }

class DeviceAudit {
 public:
  DeviceAudit(DeviceSnapshot& snapshot, DeviceNumber device, const KeptSince& kept, AuditTotals& totals,
              const TellDifference& differs)
      : snapshot_(snapshot),
        device_(device),
        kept_(kept),
        totals_(totals),
        differs_(differs),
        rebuilt_{.device = device} {}

  Result<void> run() {
    MessageCursor after{kept_.messages, 0};
    if (!kept_.all_messages()) after = {kept_.messages - std::chrono::microseconds(1), greatest_ordinal};
    for (bool more = true; more;) {
      const auto page = snapshot_.messages(after, page_messages);
      if (!page) return page.failure();
      for (const StoredMessage& message : *page) {
        if (auto audited = audit(message); !audited) return audited;
      }
      more = !page->empty();
      if (more) after = {page->back().received_at, page->back().ordinal};
    }
    if (auto compared = compare_times(); !compared) return compared;
    return compare_state();
  }

 private:
  void differ(const std::string& sentence) {
    ++totals_.differences;
    differs_(sentence);
  }

  void differ(const StoredMessage& message, const std::string& what) {
    differ("message " + std::to_string(microseconds_since_1970(message.received_at)) + "/" +
           std::to_string(message.ordinal) + " " + what);
  }

  Result<void> audit(const StoredMessage& message) {
    if (name_of(message.transport).empty() || static_cast<std::size_t>(message.verdict) >= verdict_count) {
      differ(message, "has an unknown transport or verdict");
      return {};
    }
    ++totals_.messages.at(static_cast<std::size_t>(message.verdict));
    const Content content = reader_.reading_of(message);
    if (!has_hash_of(message, content)) differ(message, "has another hash than its content");
    if (is_packet(content) == (message.verdict == Verdict::invalid)) {
      differ(message, "is kept as " + std::string(name_of(message.verdict)) + " but its content is " +
                          (is_packet(content) ? "valid" : "not valid"));
    } else if (auto compared = compare(message, content); !compared) {
      return compared;
    }
    step(rebuilt_,
         {.device = device_,
          .received_at = message.received_at,
          .ordinal = message.ordinal,
          .transport = message.transport,
          .original = message.content,
          .content = &content,
          .hash = message.hash},
         message.verdict);
    return {};
  }

  auto row_at(const TrackPacket& packet) { return snapshot_.fix(packet.timestamp); }
  auto row_at(const ActivityPacket& packet) { return snapshot_.sample(packet.timestamp); }
  static std::string key_text(const TrackPacket& packet) {
    return "the fix at " + std::to_string(seconds_since_1970(packet.timestamp));
  }
  static std::string key_text(const ActivityPacket& packet) {
    return "the sample at " + std::to_string(seconds_since_1970(packet.timestamp));
  }

  TimeTally& accepted_of(const TrackPacket&) { return fixes_; }
  TimeTally& accepted_of(const ActivityPacket&) { return samples_; }

  template <class Packet>
  Result<void> compare_packet(const StoredMessage& message, const Packet& packet) {
    if (packet.timestamp < kept_.fixes) return {};
    const auto row = row_at(packet);
    if (!row) return row.failure();
    if (message.verdict == Verdict::accepted) accepted_of(packet).add(packet.timestamp);
    if (!*row) {
      differ(message, "is " + std::string(name_of(message.verdict)) + ", but " + key_text(packet) + " is missing");
    } else if (message.verdict == Verdict::accepted) {
      if (**row != standing_of(packet, message))
        differ(message, "is accepted, but " + key_text(packet) + " differs from it");
    } else if (!is_right(message, packet, **row)) {
      differ(message,
             "is kept as " + std::string(name_of(message.verdict)) + " of " + key_text(packet) + ", but is not one");
    }
    return {};
  }

  /// Whether a message that is not accepted has the right verdict, by the current or the former hash. Its own hash
  /// shows which of the two applies, unless both are equal.
  template <class Packet>
  static bool is_right(const StoredMessage& message, const Packet& packet, const auto& row) {
    const bool is_duplicate = message.verdict == Verdict::duplicate;
    const auto row_now = hash_now(row, packet.timestamp);
    if (hash_of(packet, {}) == message.hash && is_duplicate == (row_now.value_or(row.hash) == message.hash))
      return true;
    return first_hash_of(packet, {}) == message.hash && is_duplicate == (row.hash == message.hash);
  }

  Result<void> compare(const StoredMessage& message, const Content& content) {
    return std::visit(
        [&]<class Part>(const Part& part) -> Result<void> {
          if constexpr (AnyPacket<Part>) return compare_packet(message, part);
          return {};
        },
        content);
  }

  Result<void> compare_times() {
    TimeTally fixes;
    TimeTally samples;
    if (auto read = snapshot_.each_fix_time(kept_, [&](DeviceTime time) { fixes.add(time); }); !read) return read;
    if (auto read = snapshot_.each_sample_time(kept_, [&](DeviceTime time) { samples.add(time); }); !read) return read;
    totals_.fixes += fixes.count;
    totals_.samples += samples.count;
    if (fixes != fixes_) {
      differ("there are " + std::to_string(fixes.count) + " fixes, which are not those of the " +
             std::to_string(fixes_.count) + " accepted track messages");
    }
    if (samples != samples_) {
      differ("there are " + std::to_string(samples.count) + " samples, which are not those of the " +
             std::to_string(samples_.count) + " accepted activity messages");
    }
    return {};
  }

  Result<void> compare_state() {
    if (auto compared = compare_status_changes(); !compared) return compared;
    const auto stored = snapshot_.state();
    if (!stored && stored.error().code != Errc::corrupt) return stored.failure();
    if (!stored) {
      differ(stored.error().detail);
      return {};
    }
    if (!kept_.all_messages()) {
      compare_with_part(*stored);
    } else {
      compare_with_all(*stored);
    }
    if (announced_ && (!stored->status || stored->status->status != *announced_)) {
      differ("its status is not the last one in the outbox");
    }
    return {};
  }

  void compare_with_all(const CurrentState& stored) {
    if (stored.last_fix != rebuilt_.last_fix) differ("the last fix is not the one of its messages");
    if (stored.status != rebuilt_.status) differ("the status is not the one of its messages");
    if (stored.last_seen != rebuilt_.last_seen) differ("the time when it was last seen is not that of its messages");
    if (stored.counts != rebuilt_.counts) differ("its counts of messages are not those of its messages");
  }

  /// The remaining messages may be older than the state, but not newer.
  void compare_with_part(const CurrentState& stored) {
    if (is_older(stored.last_fix, rebuilt_.last_fix)) differ("the last fix is older than one of its messages");
    if (is_older(stored.status, rebuilt_.status)) differ("the status is older than one of its messages");
  }

  template <class Reading>
  static bool is_older(const std::optional<Reading>& stored, const std::optional<Reading>& told) {
    return told && (!stored || stored->timestamp < told->timestamp);
  }

  Result<void> compare_status_changes() {
    auto read = snapshot_.status_changes();
    if (!read && read.error().code == Errc::corrupt) {
      differ(read.error().detail);
      return {};
    }
    if (!read) return read.failure();
    std::vector<StatusChange>& changes = *read;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const bool has_twin = i + 1 < changes.size() && changes[i + 1].timestamp == changes[i].timestamp;
      if (has_twin) {  // its activity packet caused the first change, before its track packet arrived
        const auto fix = snapshot_.fix(changes[i].timestamp);
        if (!fix) return fix.failure();
        if (*fix && (*fix)->status == changes[i].to) std::swap(changes[i], changes[i + 1]);
      }
      if (auto compared = compare_change(changes[i]); !compared) return compared;
      announced_ = changes[i].to;
    }
    return {};
  }

  Result<void> compare_change(const StatusChange& change) {
    const auto fix = snapshot_.fix(change.timestamp);
    if (!fix) return fix.failure();
    const auto sample = snapshot_.sample(change.timestamp);
    if (!sample) return sample.failure();
    const auto tells_it = [&](const auto& packet) {
      return packet && packet->status == change.to && packet->received_at == change.received_at;
    };
    const std::string at = "the change of status at " + std::to_string(seconds_since_1970(change.timestamp));
    const bool has_gone = change.timestamp < kept_.fixes;
    if (!has_gone && !tells_it(*fix) && !tells_it(*sample)) differ("no packet reports " + at);
    if (change.from == change.to || (announced_ && change.from != *announced_)) {
      differ(at + " does not begin with the status at which the previous one ended");
    }
    return {};
  }

  DeviceSnapshot& snapshot_;
  const DeviceNumber device_;
  const KeptSince kept_;
  AuditTotals& totals_;
  const TellDifference& differs_;
  CurrentState rebuilt_;
  StoredMessageReader reader_;
  std::optional<std::uint8_t> announced_;  // the last status in the outbox
  TimeTally fixes_;                        // accepted
  TimeTally samples_;                      // accepted
};

}  // namespace

Result<void> audit_device(DeviceSnapshot& snapshot, DeviceNumber device, const KeptSince& kept, AuditTotals& totals,
                          const TellDifference& differs) {
  ++totals.devices;
  return DeviceAudit(snapshot, device, kept, totals, differs).run();
}

}  // namespace packwalk
