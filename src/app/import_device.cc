#include "app/import_device.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "app/find_places.h"
#include "app/ingest_batch.h"
#include "app/stored_message_reader.h"
#include "base/iso_time.h"

namespace packwalk {
namespace {

constexpr std::size_t page_messages = 1000;
constexpr int attempts = 5;
constexpr Provenance history{.perhaps_again = true, .is_history = true};

using TakePage = std::function<Result<void>(const std::vector<StoredMessage>&)>;

Result<void> each_page(QueryStore& store, DeviceNumber device, std::optional<Verdict> verdict, const TakePage& take) {
  MessagePlace after{server_time(std::numeric_limits<std::int64_t>::min()), 0};
  while (true) {
    const auto page = store.messages(device, verdict, after, page_messages);
    if (!page) return tl::unexpected(page.error());
    if (page->empty()) return {};
    if (auto taken = take(*page); !taken) return taken;
    after = {page->back().received_at, page->back().ordinal};
  }
}

/// Without what it says and the hash of that.
Message message_of(const StoredMessage& stored, DeviceNumber device) {
  return {.device = device,
          .received_at = stored.received_at,
          .ordinal = stored.ordinal,
          .transport = stored.transport,
          .original = stored.content};
}

}  // namespace

Result<ImportTotals> import_device(QueryStore& from, DeviceNumber device, IngestStore& into, DeviceNumber device_there,
                                   ServerTime kept_since, LiveFeed& live) {
  ImportTotals totals;
  StoredMessageReader reader;
  const TakePage import = [&](const std::vector<StoredMessage>& page) -> Result<void> {
    if (page.front().received_at < kept_since) {
      return fail(Errc::conflict, "there are messages that came before " +
                                      iso_text(std::chrono::time_point_cast<std::chrono::seconds>(kept_since)) +
                                      ", and the database has dropped what came so early: they might be kept twice");
    }
    std::vector<Content> contents;
    contents.reserve(page.size());
    std::vector<Message> messages;
    for (const StoredMessage& stored : page) {
      contents.push_back(reader.reading_of(stored));
      messages.push_back(message_of(stored, device_there));
      messages.back().content = &contents.back();
      messages.back().hash = hash_of(contents.back(), stored.content);  // it may have been stored with an older one
    }
    auto ingested = ingest_messages(messages, history, into, live);
    // Whoever was in the way is done by now.
    for (int i = 1; i < attempts && !ingested && ingested.error().code == Errc::overloaded; ++i) {
      ingested = ingest_messages(messages, history, into, live);
    }
    if (!ingested) return tl::unexpected(std::move(ingested.error()));
    totals.messages += static_cast<std::int64_t>(page.size());
    totals.imported += static_cast<std::int64_t>(ingested->messages);
    return {};
  };
  for (const Verdict verdict : {Verdict::accepted, Verdict::duplicate, Verdict::conflict, Verdict::invalid}) {
    if (auto done = each_page(from, device, verdict, import); !done) return tl::unexpected(std::move(done.error()));
  }
  return totals;
}

Result<std::int64_t> count_missing(QueryStore& from, DeviceNumber device, IngestStore& into,
                                   DeviceNumber device_there) {
  std::int64_t missing = 0;
  const TakePage look = [&](const std::vector<StoredMessage>& page) -> Result<void> {
    std::vector<Message> messages;
    messages.reserve(page.size());
    for (const StoredMessage& stored : page) messages.push_back(message_of(stored, device_there));
    auto transaction = into.begin();  // only reads, and leaves no trace
    if (!transaction) return tl::unexpected(std::move(transaction.error()));
    const auto are_there = find_places(**transaction, messages);
    if (!are_there) return tl::unexpected(are_there.error());
    missing += std::count(are_there->begin(), are_there->end(), false);
    return {};
  };
  if (auto done = each_page(from, device, std::nullopt, look); !done) return tl::unexpected(std::move(done.error()));
  return missing;
}

}  // namespace packwalk
