// What was stored when hashes were made of coordinates that were rounded to float alone, on every store: it passes
// `packwalk check`, and what comes again is known (docs/decisions/hashes.md).
#include <gtest/gtest.h>

#include <tuple>

#include "app/ingest/audit_device.h"
#include "app/ingest/decode_upload.h"
#include "app/ingest/import_device.h"
#include "app/ingest/ingest_batch.h"
#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber dog{1};

std::string track(int second, const std::string& lat, const std::string& lon = "8.1", const std::string& more = "") {
  return R"({"type":"track","timestamp":)" + std::to_string(1'767'261'600 + second) + ",\"lat\":" + lat +
         ",\"lon\":" + lon + more + "}";
}

/// A wide record of status 0 without altitude and accuracy.
std::string wide(int second, std::int32_t lat, std::int32_t lon) {
  std::string record("\x11\x00", 2);
  for (const std::int32_t value : {1'767'261'600 + second, lat, lon, 0}) {
    for (int i = 0; i < 4; ++i)
      record.push_back(static_cast<char>(static_cast<std::uint32_t>(value) >> (8 * i) & 0xff));
  }
  return record;
}

class HashChange : public testing::TestWithParam<StoreAdapter> {
 protected:
  Upload upload(Transport transport, std::string body) {
    Upload made{.device = dog,
                .received_at = server_time(1'767'300'000'000'000 + 1000 * ++uploads_),
                .transport = transport,
                .body = std::move(body)};
    EXPECT_TRUE(decode_upload(made, {}));
    return made;
  }

  /// Keeps the one packet of `body` as ingest did before; says what it was judged to be.
  Verdict ingest_before(const std::string& body, Transport transport = Transport::http_json) {
    const Upload made = upload(transport, body);
    const auto& packet = std::get<TrackPacket>(made.messages.at(0).content);
    const ContentHash hash = first_hash_of(packet);
    KeptMessage kept{{.device = dog,
                      .received_at = made.received_at,
                      .transport = transport,
                      .original = made.body,
                      .content = &made.messages[0].content,
                      .hash = hash},
                     Verdict::accepted,
                     ""};
    commit(*ingest, [&](IngestTransaction& transaction) {
      const Standing standing = claim_one(transaction, FixClaim{dog, fix_from(packet, made.received_at), hash});
      if (!standing.won) kept.verdict = standing.hash == hash ? Verdict::duplicate : Verdict::conflict;
      keep(transaction, kept);
    });
    return kept.verdict;
  }

  /// Keeps what the decoders of then did not take.
  void refuse_before(const std::string& body, const std::string& reason, Transport transport = Transport::http_json) {
    const Upload made = upload(transport, body);
    const Content flaw = Flaw{"", reason};
    const KeptMessage kept{{.device = dog,
                            .received_at = made.received_at,
                            .transport = transport,
                            .original = made.body,
                            .content = &flaw,
                            .hash = hash_of_bytes(made.body)},
                           Verdict::invalid,
                           reason};
    commit(*ingest, [&](IngestTransaction& transaction) { keep(transaction, kept); });
  }

  static void keep(IngestTransaction& transaction, const KeptMessage& kept) {
    EXPECT_TRUE(transaction.keep(std::span(&kept, 1)));
    auto states = transaction.states(std::span(&dog, 1)).value();
    step(states[0], kept.message, kept.verdict);
    EXPECT_TRUE(transaction.put(states));
  }

  /// What the one packet of `body` is now.
  Verdict ingest_now(const std::string& body, Transport transport = Transport::http_json) {
    const Upload made = upload(transport, body);
    NobodyListens nobody;
    EXPECT_TRUE(ingest_batch(std::span(&made, 1), *ingest, nobody));
    const auto kept = installation->message_reader()->messages(
        dog, std::nullopt, MessageCursor{made.received_at - std::chrono::microseconds(1), 1'000'000}, 2);
    return kept.value().at(0).verdict;
  }

  std::string audit(DeviceNumber device = dog) const {
    std::string said;
    AuditTotals totals;
    const auto store = installation->audit_store();
    const auto snapshot = store->snapshot(device);
    EXPECT_TRUE(audit_device(**snapshot, device, {}, totals, [&](const std::string& each) { said += each + "; "; }));
    return said;
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();

 private:
  std::int64_t uploads_ = 0;
};

TEST_P(HashChange, LeavesWhatWasJudgedBeforeAsItIs) {
  EXPECT_EQ(Verdict::accepted, ingest_before(track(0, "49.294359215")));
  EXPECT_EQ(Verdict::duplicate, ingest_before(track(0, "49.294359215")));
  EXPECT_EQ(Verdict::conflict, ingest_before(wide(0, 492'943'592, 81'000'000), Transport::http_binary)) << "as it was";
  EXPECT_EQ(Verdict::conflict, ingest_before(track(0, "49.3")));
  EXPECT_EQ(Verdict::accepted, ingest_before(track(1, "49.1", "-180")));
  EXPECT_EQ(Verdict::conflict, ingest_before(track(1, "49.1", "180"))) << "as it was";
  EXPECT_EQ("", audit());
}

TEST_P(HashChange, KnowsWhatComesAgainInAnyForm) {
  ingest_before(track(0, "49.294359215"));
  ingest_before(track(1, "49.1", "-180"));
  ingest_before(track(2, "49.2", "8.1", R"(,"altitude":40.4,"accuracy":6)"));
  EXPECT_EQ(Verdict::duplicate, ingest_now(track(0, "49.294359215")));
  EXPECT_EQ(Verdict::duplicate, ingest_now(wide(0, 492'943'592, 81'000'000), Transport::http_binary));
  EXPECT_EQ(Verdict::duplicate, ingest_now(track(0, "49.2943592")));
  EXPECT_EQ(Verdict::duplicate, ingest_now(track(1, "49.1", "180")));
  EXPECT_EQ(Verdict::duplicate, ingest_now(track(1, "49.1", "-180.0"), Transport::mqtt_json));
  EXPECT_EQ(Verdict::duplicate, ingest_now(track(2, "49.2", "8.1", R"(,"altitude":40,"accuracy":6.4)")));
  EXPECT_EQ(Verdict::conflict, ingest_now(track(2, "49.2", "8.1", R"(,"altitude":41,"accuracy":6)")));
  EXPECT_EQ(Verdict::conflict, ingest_now(track(0, "49.2945")));
  EXPECT_EQ("", audit());
}

TEST_P(HashChange, IsNothingToWhatIsStoredFromNowOn) {
  EXPECT_EQ(Verdict::accepted, ingest_now(track(0, "49.294359215")));
  EXPECT_EQ(Verdict::duplicate, ingest_now(wide(0, 492'943'592, 81'000'000), Transport::http_binary));
  EXPECT_EQ(Verdict::accepted, ingest_now(wide(1, 492'943'592, -1'800'000'000), Transport::http_binary));
  EXPECT_EQ(Verdict::duplicate, ingest_now(track(1, "49.294359215", "180")));
  EXPECT_EQ("", audit());
}

TEST_P(HashChange, HidesNoVerdictThatIsWrong) {
  using HashOf = ContentHash (*)(const TrackPacket&);
  const HashOf before = &first_hash_of;
  const HashOf now = &hash_of;
  ingest_before(track(0, "49.294359215"));
  ingest_now(track(1, "49.1"));
  for (const auto& [body, hash_of_it, verdict] : {std::tuple{track(0, "49.294359215"), before, Verdict::conflict},
                                                  {track(0, "49.294359215"), now, Verdict::conflict},
                                                  {track(0, "49.3"), before, Verdict::duplicate},
                                                  {track(1, "49.1"), before, Verdict::conflict},
                                                  {track(1, "49.2"), now, Verdict::duplicate}}) {
    EXPECT_EQ("", audit());
    const Upload made = upload(Transport::http_json, body);
    commit(*ingest, [&, &body = body, &hash_of_it = hash_of_it, &verdict = verdict](IngestTransaction& transaction) {
      keep(transaction, {{.device = dog,
                          .received_at = made.received_at,
                          .transport = made.transport,
                          .original = made.body,
                          .content = &made.messages[0].content,
                          .hash = hash_of_it(std::get<TrackPacket>(made.messages[0].content))},
                         verdict,
                         ""});
    });
    EXPECT_NE(std::string::npos, audit().find("but is not one")) << body;
    installation = GetParam().install();
    ingest = installation->ingest_store();
    ingest_before(track(0, "49.294359215"));
    ingest_now(track(1, "49.1"));
  }
}

TEST_P(HashChange, LetsAHouseholdBeImported) {
  ingest_before(track(0, "49.294359215"));
  ingest_before(track(0, "49.294359215"));
  ingest_before(track(1, "49.1", "-180"));
  refuse_before(track(2, "49.1", "8.1", R"(,"altitude":"high")"), "altitude is not a number");
  NobodyListens nobody;
  const DeviceNumber there{2};
  const auto from = installation->message_reader();
  const auto totals = import_device(*from, dog, {*ingest, there, server_time(0), nobody});
  ASSERT_TRUE(totals);
  EXPECT_EQ(4, totals->imported);
  EXPECT_EQ("", audit(there));
  EXPECT_EQ(0, import_device(*from, dog, {*ingest, there, server_time(0), nobody}).value().imported);
  std::vector<Verdict> verdicts;
  const auto kept = from->messages(there, std::nullopt, {}, 10);
  for (const StoredMessage& each : kept.value()) verdicts.push_back(each.verdict);
  EXPECT_EQ((std::vector{Verdict::accepted, Verdict::duplicate, Verdict::accepted, Verdict::invalid}), verdicts);
  EXPECT_EQ("altitude is not a number", kept.value().back().reason);
}

TEST_P(HashChange, ReadsWhatTheFirstDecodersSaidOtherwiseAsTheySaidIt) {
  refuse_before(track(0, "49.1", "8.1", R"(,"altitude":"high")"), "altitude is not a number");
  refuse_before(track(1, "49.1", "8.1", R"(,"accuracy":{})"), "accuracy is not a number");
  refuse_before(track(2, "1e-400"), "lat is not between -90 and 90");
  refuse_before(track(3, "49.1", "8.1", R"(,"altitude":NaN)"), "line is not JSON: Invalid value. at byte 66",
                Transport::http_ndjson);
  const std::string within_an_empty_key = "{\"\":" + track(4, "49.1") + "}";
  const Upload made = upload(Transport::http_json, track(4, "49.1"));
  const auto& packet = std::get<TrackPacket>(made.messages.at(0).content);
  commit(*ingest, [&](IngestTransaction& transaction) {
    EXPECT_TRUE(claim_one(transaction, FixClaim{dog, fix_from(packet, made.received_at), first_hash_of(packet)}).won);
    keep(transaction, {{.device = dog,
                        .received_at = made.received_at,
                        .transport = made.transport,
                        .original = within_an_empty_key,
                        .content = &made.messages[0].content,
                        .hash = first_hash_of(packet)},
                       Verdict::accepted,
                       ""});
  });
  EXPECT_EQ("", audit());
  EXPECT_EQ(Verdict::accepted, ingest_now(track(0, "49.1", "8.1", R"(,"altitude":"high")"))) << "sent again, it counts";
  EXPECT_EQ("", audit());
}

INSTANTIATE_TEST_SUITE_P(Adapters, HashChange, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
