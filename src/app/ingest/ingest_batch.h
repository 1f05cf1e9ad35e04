// From a batch of uploads to kept messages, verdicts, fixes, samples, states and stale windows.
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

/// What messages are counted by: the number of their packet's family, or 0 when they hold no packet.
inline constexpr std::size_t message_kind_count = families.size() + 1;

/// Why a message is invalid, as it is kept; of a packet empty, unless its door made its time later.
std::string reason_of(const Content& content);

struct IngestReport {
  std::array<std::array<std::int64_t, verdict_count>, message_kind_count> counts{};  // [kind][verdict]
  std::size_t messages = 0;
  std::size_t erased = 0;  // messages of erased devices, of which nothing was kept
  std::chrono::microseconds duration{0};
};

/// What is known of messages before they are looked at.
struct Provenance {
  bool perhaps_again = false;  // some may be kept already; those are left as they are
  bool is_history = false;     // they were taken long ago, elsewhere: nobody is told of the changes that they make
};

/// Judges and commits `messages`, in their order, in one transaction, and publishes the last fixes that are among them.
/// Those of erased devices are left out. On an error nothing was kept and nothing published. Errc::overloaded also when
/// there is something already at the time of a message: then some are kept already, or must be moved, which is found
/// out with `perhaps_again`.
Result<IngestReport> ingest_messages(std::vector<Message> messages, Provenance provenance, IngestStore& store,
                                     LiveFeed& live);

/// The same of the messages of `uploads`, in their order, in one transaction, and publishes the last fixes
/// that are among them. On an error nothing was kept and nothing published.
Result<IngestReport> ingest_batch(std::span<const Upload> uploads, IngestStore& store, LiveFeed& live);

}  // namespace packwalk
