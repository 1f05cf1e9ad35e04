#include "app/ingest/import_device.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/ingest/find_keys.h"
#include "app/ingest/ingest_batch.h"
#include "app/ingest/stored_message_reader.h"
#include "base/time_text.h"

namespace packwalk {
namespace {

constexpr std::size_t page_messages = 1000;
constexpr int attempts = 5;
constexpr Provenance history{.perhaps_again = true, .is_history = true};

using TakePage = std::function<Result<void>(const std::vector<StoredMessage>&)>;

Result<void> each_page(MessageReader& reader, DeviceNumber device, std::optional<Verdict> verdict,
                       const TakePage& take) {
  MessageCursor after{server_time(std::numeric_limits<std::int64_t>::min()), 0};
  while (true) {
    const auto page = reader.messages(device, verdict, after, page_messages);
    if (!page) return page.failure();
    if (page->empty()) return {};
    if (auto taken = take(*page); !taken) return taken;
    after = cursor_of(page->back());
  }
}

/// Without its content and hash.
Message message_of(const StoredMessage& stored, DeviceNumber device) {
  return {.device = device,
          .received_at = stored.received_at,
          .ordinal = stored.ordinal,
          .transport = stored.transport,
          .original = stored.content};
}

constexpr std::size_t reasons_max = 20;

class DeviceImport {
 public:
  explicit DeviceImport(const ImportTarget& target) : target_(target) {}

  Result<void> take(const std::vector<StoredMessage>& page) {
    totals_.messages += static_cast<std::int64_t>(page.size());
    std::vector<Content> contents;
    contents.reserve(page.size());
    std::vector<Message> messages;
    for (const StoredMessage& stored : page) {
      if (stored.received_at < target_.kept_since) {
        leave("arrived before " + iso_text(std::chrono::time_point_cast<std::chrono::seconds>(target_.kept_since)) +
              ", and the database has dropped messages of that time: it might be stored twice");
        continue;
      }
      contents.push_back(reader_.reading_of(stored));
      messages.push_back(message_of(stored, target_.device));
      messages.back().content = &contents.back();
      messages.back().hash = hash_of(contents.back(), stored.content);  // it may have been stored with an older hash
    }
    return bring(messages);
  }

  ImportTotals totals() && { return std::move(totals_); }

 private:
  /// Splits the batch in halves, in order, down to the message that is not accepted.
  Result<void> bring(std::span<const Message> messages) {
    std::vector<Message> refused;
    std::vector<Message> others;
    for (const Message& message : messages) (is_refused(message) ? refused : others).push_back(message);
    if (!refused.empty()) {
      auto left = leave_refused(refused);
      return left ? bring(others) : left;
    }
    if (messages.empty()) return {};
    auto ingested = ingest(messages);
    if (ingested) {
      totals_.imported += static_cast<std::int64_t>(ingested->messages);
      return {};
    }
    if (ingested.error().code != Errc::invalid_input) return ingested.failure();
    if (messages.size() == 1) {
      const bool is_of_month = ingested.error().detail.find("no longer kept") != std::string::npos;
      if (const auto key = key_of(messages.front()); key && is_of_month) {
        refused_[month_of(*key)] = ingested.error().detail;
      }
      leave(ingested.error().detail);
      return {};
    }
    auto brought = bring(messages.first(messages.size() / 2));
    return brought ? bring(messages.subspan(messages.size() / 2)) : brought;
  }

  /// The store rejects months that it no longer keeps, so one message decides for many.
  using Month = std::pair<Family, std::chrono::year_month>;
  static Month month_of(const PacketKey& key) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(key.timestamp));
    return {key.family, day.year() / day.month()};
  }
  bool is_refused(const Message& message) const {
    if (refused_.empty()) return false;
    const auto key = key_of(message);
    return key && refused_.contains(month_of(*key));
  }

  /// Without messages that the target already had.
  Result<void> leave_refused(std::vector<Message>& messages) {
    auto transaction = target_.store.begin();  // only reads, and leaves no trace
    if (!transaction) return transaction.failure();
    const auto are_there = find_keys(**transaction, messages);
    if (!are_there) return are_there.failure();
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (!(*are_there)[i]) leave(refused_.at(month_of(*key_of(messages[i]))));
    }
    return {};
  }

  Result<IngestReport> ingest(std::span<const Message> messages) {
    auto ingested = ingest_messages({messages.begin(), messages.end()}, history, target_.store, target_.live);
    // The other writer has finished by now.
    for (int i = 1; i < attempts && !ingested && ingested.error().code == Errc::overloaded; ++i) {
      ingested = ingest_messages({messages.begin(), messages.end()}, history, target_.store, target_.live);
    }
    return ingested;
  }

  void leave(const std::string& why) {
    ++totals_.left;
    const bool is_one_too_many = !totals_.left_because.contains(why) && totals_.left_because.size() >= reasons_max;
    ++totals_.left_because[is_one_too_many ? "other reasons" : why];
  }

  const ImportTarget target_;
  StoredMessageReader reader_;
  std::map<Month, std::string> refused_;  // why
  ImportTotals totals_;
};

}  // namespace

Result<ImportTotals> import_device(MessageReader& from, DeviceNumber device, const ImportTarget& target) {
  DeviceImport import(target);
  const TakePage take = [&](const std::vector<StoredMessage>& page) { return import.take(page); };
  for (const Verdict verdict : {Verdict::accepted, Verdict::duplicate, Verdict::conflict, Verdict::invalid}) {
    if (auto done = each_page(from, device, verdict, take); !done) return done.failure();
  }
  return std::move(import).totals();
}

Result<std::int64_t> count_missing(MessageReader& from, DeviceNumber device, IngestStore& into,
                                   DeviceNumber device_there) {
  std::int64_t missing = 0;
  const TakePage look = [&](const std::vector<StoredMessage>& page) -> Result<void> {
    std::vector<Message> messages;
    messages.reserve(page.size());
    for (const StoredMessage& stored : page) messages.push_back(message_of(stored, device_there));
    auto transaction = into.begin();  // only reads, and leaves no trace
    if (!transaction) return transaction.failure();
    const auto are_there = find_keys(**transaction, messages);
    if (!are_there) return are_there.failure();
    missing += std::count(are_there->begin(), are_there->end(), false);
    return {};
  };
  if (auto done = each_page(from, device, std::nullopt, look); !done) return done.failure();
  return missing;
}

}  // namespace packwalk
