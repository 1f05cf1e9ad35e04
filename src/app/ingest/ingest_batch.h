// Commits a batch of uploads: messages, verdicts, fixes, samples, states and stale windows.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ports/ingest_store.h"
#include "ports/live_feed.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// The kind by which messages are counted: the number of their packet's family, or 0 without a packet.
inline constexpr std::size_t message_kind_count = families.size() + 1;

/// The stored reason why a message is invalid. Empty for a packet, unless its door corrected its time.
std::string reason_of(const Content& content);

struct IngestReport {
  std::array<std::array<std::int64_t, verdict_count>, message_kind_count> counts{};  // [kind][verdict]
  std::size_t messages = 0;
  std::size_t erased = 0;  // messages of erased devices, of which nothing was kept
  std::chrono::microseconds duration{0};
};

/// Facts about messages before they are processed.
struct Provenance {
  bool perhaps_again = false;  // some may be stored already, and do not change
  bool is_history = false;     // they were taken elsewhere, long ago: their changes cause no events
};

/// Commits `messages` with their verdicts, in order, in one transaction, and publishes the last fixes among them.
/// Leaves out messages of erased devices. On an error, nothing was stored or published. Errc::overloaded also if a key
/// of a message exists: then some are stored already or must be moved; retry with `perhaps_again`.
Result<IngestReport> ingest_messages(std::vector<Message> messages, Provenance provenance, IngestStore& store,
                                     LiveFeed& live);

/// The same for the messages of `uploads`, in order, in one transaction.
Result<IngestReport> ingest_batch(std::span<const Upload> uploads, IngestStore& store, LiveFeed& live);

}  // namespace packwalk
