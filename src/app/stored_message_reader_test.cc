#include "app/stored_message_reader.h"

#include <gtest/gtest.h>

#include "app/ingest_batch.h"

namespace packwalk {
namespace {

TEST(StoredMessageReader, TellsAFlawAsItWasToldWhenTheMessageCame) {
  for (const std::string reason :
       {"timestamp is before packets.earliest (2030-01-01T00:00:00Z)", "timestamp is in the future",
        "timestamp is before store.keep_fixes_months (2026-05-01T00:00:00Z)",
        "timestamp is earlier than the earliest time that is believed"}) {
    const StoredMessage message{.received_at = server_time(1'767'268'800'000'000),
                                .transport = Transport::http_json,
                                .verdict = Verdict::invalid,
                                .reason = reason,
                                .content = R"({"type":"track","timestamp":1767261600,"lat":1,"lon":2})"};
    StoredMessageReader reader;
    EXPECT_EQ(reason, reason_of(reader.reading_of(message)));
  }
}

}  // namespace
}  // namespace packwalk
