// Short ways to write what a test puts into a store.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/ingest_store.h"

namespace packwalk {

inline Fix fix_at(std::int64_t seconds, double latitude = 48.7, double longitude = 44.5) {
  return {.position = LatLon::from_degrees(latitude, longitude).value(),
          .altitude = 40,
          .accuracy = 6,
          .timestamp = device_time(seconds),
          .received_at = server_time(seconds * 1'000'000 + 7),
          .status = 1};
}

inline Sample sample_at(std::int64_t seconds, std::int32_t steps = 12) {
  return {.timestamp = device_time(seconds),
          .received_at = server_time(seconds * 1'000'000 + 7),
          .steps = steps,
          .activity = Activity::walk,
          .status = 2};
}

inline FixClaim fix_claim(std::int64_t device, std::int64_t seconds, ContentHash hash = 1) {
  return {DeviceNumber{device}, fix_at(seconds), hash};
}

inline SampleClaim sample_claim(std::int64_t device, std::int64_t seconds, ContentHash hash = 1) {
  return {DeviceNumber{device}, sample_at(seconds), hash};
}

/// Points to `original`, which must outlive it.
inline KeptMessage kept_message(std::int64_t device, std::int64_t received_at, std::uint32_t ordinal, Verdict verdict,
                                std::string_view original = "bytes", std::string reason = "") {
  return {{.device = DeviceNumber{device},
           .received_at = server_time(received_at),
           .ordinal = ordinal,
           .transport = Transport::http_binary,
           .original = original,
           .hash = 7},
          verdict,
          std::move(reason)};
}

/// One transaction around `make(transaction)`, committed; each step is expected to succeed.
template <class Make>
void commit(IngestStore& store, Make make) {
  auto transaction = store.begin();
  ASSERT_TRUE(transaction) << transaction.error().detail;
  make(**transaction);
  const auto done = (*transaction)->commit();
  ASSERT_TRUE(done) << done.error().detail;
}

inline Result<void> announce(IngestTransaction& transaction, std::span<const StatusChange> changes) {
  std::vector<NewEvent> events;
  for (const StatusChange& change : changes) events.push_back({change, change.received_at});
  return transaction.announce(events);
}

/// What the store answers to one claim, in the open transaction.
inline Standing claim_one(IngestTransaction& transaction, const FixClaim& claim) {
  return transaction.claim(std::span(&claim, 1)).value().at(0);
}
inline Standing claim_one(IngestTransaction& transaction, const SampleClaim& claim) {
  return transaction.claim(std::span(&claim, 1)).value().at(0);
}

}  // namespace packwalk
