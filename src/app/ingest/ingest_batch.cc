#include "app/ingest/ingest_batch.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "app/ingest/find_keys.h"

namespace packwalk {
namespace {

/// Groups by device, which leaves little to sort afterwards; keeps the order of the queue per device.
std::vector<Message> messages_of(std::span<const Upload> uploads) {
  std::vector<const Upload*> by_device;
  std::size_t count = 0;
  for (const Upload& upload : uploads) {
    by_device.push_back(&upload);
    count += upload.messages.size();
  }
  std::stable_sort(by_device.begin(), by_device.end(),
                   [](const Upload* a, const Upload* b) { return a->device < b->device; });
  std::vector<Message> messages;
  messages.reserve(count);
  for (const Upload* upload : by_device) {
    std::uint32_t ordinal = 0;
    for (const DecodedMessage& decoded : upload->messages) {
      messages.push_back({.device = upload->device,
                          .received_at = upload->received_at,
                          .ordinal = ordinal++,
                          .transport = upload->transport,
                          .original = std::string_view(upload->body).substr(decoded.offset, decoded.size),
                          .content = &decoded.content,
                          .hash = decoded.hash});
    }
  }
  return messages;
}

/// Removes messages from `messages` that were committed before a crash or are in the batch twice, and returns them.
Result<std::vector<Message>> take_kept(IngestTransaction& transaction, std::vector<Message>& messages) {
  const auto are_there = find_keys(transaction, messages);
  if (!are_there) return are_there.failure();
  std::vector<Message> old;
  std::vector<Message> fresh;
  for (std::size_t i = 0; i < messages.size(); ++i) ((*are_there)[i] ? old : fresh).push_back(messages[i]);
  messages = std::move(fresh);
  return old;
}

/// The claims of a batch, by family.
struct FamilyClaims {
  std::vector<FixClaim> fixes;
  std::vector<SampleClaim> samples;

  explicit FamilyClaims(std::size_t count) {
    fixes.reserve(count);
    samples.reserve(count);
  }
  void add(const Message& message, const TrackPacket& packet) {
    fixes.push_back({message.device, fix_from(packet, message.received_at), message.hash});
  }
  void add(const Message& message, const ActivityPacket& packet) {
    samples.push_back({message.device, sample_from(packet, message.received_at), message.hash});
  }
};

/// The answers of the store to the claims of all families, in the order of the claims.
Result<std::vector<Standing>> claim_all(IngestTransaction& transaction, std::span<const Message> messages,
                                        std::span<const std::size_t> claimants) {
  FamilyClaims claims(claimants.size());
  for (const std::size_t i : claimants) {
    std::visit(
        [&]<class Part>(const Part& part) {
          if constexpr (AnyPacket<Part>) claims.add(messages[i], part);
        },
        *messages[i].content);
  }
  const auto of_fixes = transaction.claim(claims.fixes);
  if (!of_fixes) return of_fixes.failure();
  const auto of_samples = transaction.claim(claims.samples);
  if (!of_samples) return of_samples.failure();

  std::vector<Standing> standings;
  standings.reserve(claimants.size());
  std::array rest = {std::span(*of_fixes), std::span(*of_samples)};
  static_assert(rest.size() == families.size());
  for (const std::size_t i : claimants) {
    auto& answers = rest.at(static_cast<std::size_t>(*family_of(*messages[i].content)) - 1);
    standings.push_back(answers.front());
    answers = answers.subspan(1);
  }
  return standings;
}

std::vector<DeviceNumber> devices_of(std::span<const KeptMessage> kept, std::span<const Message> old) {
  std::vector<DeviceNumber> devices;
  devices.reserve(kept.size() + old.size());
  for (const KeptMessage& each : kept) devices.push_back(each.message.device);
  for (const Message& each : old) devices.push_back(each.device);
  std::sort(devices.begin(), devices.end());
  devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
  return devices;
}

/// Writes an event for each change of status by the accepted messages, in the transaction that advances the states.
Result<void> announce_changes(IngestTransaction& transaction, std::span<const CurrentState> before,
                              std::span<const KeptMessage> kept) {
  std::vector<NewEvent> events;
  for (const CurrentState& state : before) {
    std::vector<Message> accepted;
    for (; !kept.empty() && kept.front().message.device == state.device; kept = kept.subspan(1)) {
      if (kept.front().verdict == Verdict::accepted) accepted.push_back(kept.front().message);
    }
    for (const StatusChange& change : status_changes(state, accepted)) events.push_back({change, change.received_at});
  }
  return transaction.announce(events);
}

/// The result of a transaction, or the erased devices that prevent it.
struct Told {
  std::vector<DevicePosition> positions;
  std::vector<DeviceNumber> erased;
};

/// Advances the states of all devices of the batch, unless some are erased. Returns all last fixes, also those of `old`
/// messages: the process that committed them may have crashed before it published them.
Result<Told> step_states(IngestTransaction& transaction, std::span<const KeptMessage> kept,
                         std::span<const Message> old, Provenance provenance) {
  const std::vector<DeviceNumber> devices = devices_of(kept, old);
  auto states = transaction.states(devices);
  if (!states) return states.failure();
  auto erased = transaction.erased(devices);
  if (!erased) return erased.failure();
  if (!erased->empty()) return Told{{}, *std::move(erased)};
  if (!provenance.is_history) {
    if (auto done = announce_changes(transaction, *states, kept); !done) return done.failure();
  }
  std::vector<bool> told(devices.size());
  const auto index_of = [&](const Message& message) {
    const auto at = std::lower_bound(devices.begin(), devices.end(), message.device) - devices.begin();
    return static_cast<std::size_t>(at);
  };
  const auto tell = [&](const Message& message) {
    if (std::holds_alternative<TrackPacket>(*message.content)) told[index_of(message)] = true;
  };
  for (const KeptMessage& each : kept) {
    step((*states)[index_of(each.message)], each.message, each.verdict);
    tell(each.message);
  }
  for (const Message& each : old) tell(each);
  if (auto put = transaction.put(*states); !put) return put.failure();

  Told all;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (const auto& fix = (*states)[i].last_fix; fix && told[i]) all.positions.push_back({devices[i], *fix});
  }
  return all;
}

Result<void> mark_stale(IngestTransaction& transaction, std::span<const KeptMessage> kept) {
  std::vector<StaleWindow> windows;
  for (const KeptMessage& each : kept) {
    if (each.verdict == Verdict::accepted) windows.push_back(stale_window_of(*key_of(each.message)));
  }
  std::sort(windows.begin(), windows.end());
  windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
  return transaction.mark_stale(windows);
}

/// In the order of the store, so that neighbours are written together.
std::vector<KeptMessage> kept_messages(std::span<const Message> messages, std::span<const Verdict> verdicts) {
  std::vector<KeptMessage> kept;
  kept.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    kept.push_back({messages[i], verdicts[i], reason_of(*messages[i].content)});
  }
  const auto key = [](const KeptMessage& each) {
    return std::tuple(each.message.device, each.message.received_at, each.message.ordinal);
  };
  const auto before = [&](const KeptMessage& a, const KeptMessage& b) { return key(a) < key(b); };
  if (!std::is_sorted(kept.begin(), kept.end(), before)) std::sort(kept.begin(), kept.end(), before);
  return kept;
}

IngestReport report_of(std::span<const KeptMessage> kept) {
  IngestReport report;
  report.messages = kept.size();
  for (const KeptMessage& each : kept) {
    const auto family = family_of(*each.message.content);
    ++report.counts.at(family ? static_cast<std::size_t>(*family) : 0).at(static_cast<std::size_t>(each.verdict));
  }
  return report;
}

struct Attempt {
  IngestReport report;
  Told told;
};

/// One transaction, which is rolled back if some devices are erased.
Result<Attempt> attempt_to_ingest(std::span<const Message> messages, Provenance provenance, IngestStore& store) {
  auto transaction = store.begin();
  if (!transaction) return transaction.failure();
  std::vector<Message> fresh;
  std::vector<Message> old;
  if (provenance.perhaps_again) {
    fresh.assign(messages.begin(), messages.end());
    auto taken = take_kept(**transaction, fresh);
    if (!taken) return taken.failure();
    old = *std::move(taken);
    messages = fresh;
  }
  const Claims claims(messages);
  const auto standings = claim_all(**transaction, messages, claims.claimants());
  if (!standings) return standings.failure();
  const std::vector<KeptMessage> kept = kept_messages(messages, claims.verdicts(messages, *standings));
  if (auto done = (*transaction)->keep(kept); !done) return done.failure();
  auto told = step_states(**transaction, kept, old, provenance);
  if (!told) return told.failure();
  if (!told->erased.empty()) return Attempt{{}, *std::move(told)};
  if (auto done = mark_stale(**transaction, kept); !done) return done.failure();
  if (auto done = (*transaction)->commit(); !done) return done.failure();
  return Attempt{report_of(kept), *std::move(told)};
}

/// The erased devices that made `attempt` fail. It may have failed earlier: the month of a message may be gone together
/// with its device.
Result<std::vector<DeviceNumber>> erased_among(std::span<const Message> messages, const Result<Attempt>& attempt,
                                               IngestStore& store) {
  if (attempt) return attempt->told.erased;
  if (attempt.error().code != Errc::not_found) return std::vector<DeviceNumber>();
  const auto transaction = store.begin();
  if (!transaction) return transaction.failure();
  const std::vector<DeviceNumber> devices = devices_of({}, messages);
  if (const auto held = (*transaction)->states(devices); !held) return held.failure();
  return (*transaction)->erased(devices);
}

}  // namespace

std::string reason_of(const Content& content) {
  if (const auto* flaw = std::get_if<Flaw>(&content)) {
    return flaw->field.empty() ? flaw->reason : flaw->field + " " + flaw->reason;
  }
  if (const auto* heartbeat = std::get_if<Heartbeat>(&content)) return heartbeat->reason;
  const auto* track = std::get_if<TrackPacket>(&content);
  if (track && track->weeks_added > 0) return std::to_string(track->weeks_added).append(reason_weeks_added);
  return {};
}

Result<IngestReport> ingest_batch(std::span<const Upload> uploads, IngestStore& store, LiveFeed& live) {
  const bool perhaps_again =
      std::any_of(uploads.begin(), uploads.end(), [](const Upload& each) { return each.redelivered; });
  return ingest_messages(messages_of(uploads), {.perhaps_again = perhaps_again}, store, live);
}

Result<IngestReport> ingest_messages(std::vector<Message> messages, Provenance provenance, IngestStore& store,
                                     LiveFeed& live) {
  const auto started = std::chrono::steady_clock::now();
  std::size_t erased = 0;
  auto attempt = attempt_to_ingest(messages, provenance, store);
  while (true) {
    const auto gone = erased_among(messages, attempt, store);
    if (!gone) return gone.failure();
    if (gone->empty()) break;
    erased += std::erase_if(messages, [&](const Message& message) {
      return std::binary_search(gone->begin(), gone->end(), message.device);
    });
    attempt = attempt_to_ingest(messages, provenance, store);
  }
  if (!attempt) return attempt.failure();
  live.publish(attempt->told.positions);
  IngestReport report = attempt->report;
  report.erased = erased;
  report.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
  return report;
}

}  // namespace packwalk
