#include "app/archive/archived_stores.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "app/ingest/passed_on_transaction.h"

namespace packwalk {
namespace {

using Page = Result<std::vector<StoredMessage>>;

/// The messages that the store has dropped, in the archive. Thread-safe.
class Dropped {
 public:
  Dropped(std::unique_ptr<ArchiveSource> source, std::unique_ptr<Archive> archive)
      : source_(std::move(source)), archive_(std::move(archive)) {}

  /// `here` is the store's answer to the same query. The store is queried first: a message that is dropped after its
  /// answer is on both sides, never on neither.
  Page with(Page here, DeviceNumber device, std::optional<Verdict> verdict, const MessageSpan& span, Paging page) {
    if (!here) return here;
    const auto until = archive_only_until();
    if (!until) return until.failure();
    if (!*until || span.after.received_at >= **until) return here;
    auto there = archive_->messages(device, verdict, span, page);
    if (!there) return there;
    return merged_page(*std::move(here), *std::move(there), page);
  }

  /// The originals of keys that may have been dropped. The store is queried first, as above.
  Result<std::vector<Original>> originals(std::vector<OriginalKey> keys) {
    if (keys.empty()) return std::vector<Original>();
    const auto until = archive_only_until();
    if (!until) return until.failure();
    std::erase_if(keys, [&](const OriginalKey& each) { return !*until || each.arrival.received_at >= **until; });
    if (keys.empty()) return std::vector<Original>();
    return archive_->originals(keys);
  }

 private:
  Result<std::optional<ServerTime>> archive_only_until() {
    const std::lock_guard lock(mutex_);
    return source_->archive_only_until();
  }

  std::mutex mutex_;
  const std::unique_ptr<ArchiveSource> source_;  // guarded by mutex_
  const std::unique_ptr<Archive> archive_;
};

class ArchivedMessageReader final : public MessageReader {
 public:
  ArchivedMessageReader(std::unique_ptr<MessageReader> store, std::unique_ptr<ArchiveSource> source,
                        std::unique_ptr<Archive> archive)
      : store_(std::move(store)), dropped_(std::move(source), std::move(archive)) {}

  Page messages(DeviceNumber device, std::optional<Verdict> verdict, const MessageSpan& span, Paging page) override {
    return dropped_.with(store_->messages(device, verdict, span, page), device, verdict, span, page);
  }

 private:
  const std::unique_ptr<MessageReader> store_;
  Dropped dropped_;
};

class ArchivedSnapshot final : public DeviceSnapshot {
 public:
  ArchivedSnapshot(std::unique_ptr<DeviceSnapshot> store, Dropped& dropped, DeviceNumber device)
      : store_(std::move(store)), dropped_(dropped), device_(device) {}

  Page messages(MessageCursor after, std::size_t limit) override {
    return dropped_.with(store_->messages(after, limit), device_, std::nullopt, after, limit);
  }
  Result<std::optional<StandingFix>> fix(DeviceTime timestamp) override { return store_->fix(timestamp); }
  Result<std::optional<StandingSample>> sample(DeviceTime timestamp) override { return store_->sample(timestamp); }
  Result<void> each_fix_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) override {
    return store_->each_fix_time(since, take);
  }
  Result<void> each_sample_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) override {
    return store_->each_sample_time(since, take);
  }
  Result<std::vector<StatusChange>> status_changes() override { return store_->status_changes(); }
  Result<CurrentState> state() override { return store_->state(); }

 private:
  const std::unique_ptr<DeviceSnapshot> store_;
  Dropped& dropped_;
  const DeviceNumber device_;
};

class ArchivedAuditStore final : public AuditStore {
 public:
  ArchivedAuditStore(std::unique_ptr<AuditStore> store, std::unique_ptr<ArchiveSource> source,
                     std::unique_ptr<Archive> archive)
      : store_(std::move(store)), dropped_(std::move(source), std::move(archive)) {}

  Result<std::vector<std::string>> faults() override { return store_->faults(); }
  Result<std::optional<AuditedDevice>> next_device(std::int64_t after) override { return store_->next_device(after); }
  Result<KeptSince> kept_since() override { return store_->kept_since(); }
  Result<std::unique_ptr<DeviceSnapshot>> snapshot(DeviceNumber device) override {
    auto snapshot = store_->snapshot(device);
    if (!snapshot) return snapshot;
    return std::make_unique<ArchivedSnapshot>(*std::move(snapshot), dropped_, device);
  }
  Result<std::vector<DayDigest>> digests(DayRange range) override { return store_->digests(range); }

 private:
  const std::unique_ptr<AuditStore> store_;
  Dropped dropped_;
};

OriginalKey key_of_original(const Message& message) { return {message.device, {message.received_at, message.ordinal}}; }

/// Today's messages cannot have been dropped, so they need no query.
class ArchivedTransaction final : public PassedOnTransaction {
 public:
  ArchivedTransaction(std::unique_ptr<IngestTransaction> inner, Dropped& dropped, Day today)
      : PassedOnTransaction(std::move(inner)), dropped_(dropped), today_(today) {}

  Result<std::vector<Occupant>> occupants(std::span<const Message> messages) override {
    auto occupants = inner().occupants(messages);
    if (!occupants) return occupants;
    std::vector<OriginalKey> keys;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if ((*occupants)[i] == Occupant::none && day_of(messages[i].received_at) < today_)
        keys.push_back(key_of_original(messages[i]));
    }
    const auto archived = dropped_.originals(std::move(keys));
    if (!archived) return archived.failure();
    std::map<OriginalKey, std::string_view> contents;
    for (const Original& each : *archived) contents.emplace(key_of(each), each.message.content);
    for (std::size_t i = 0; i < messages.size() && !contents.empty(); ++i) {
      const auto content = contents.find(key_of_original(messages[i]));
      if (content == contents.end()) continue;
      (*occupants)[i] = content->second == messages[i].original ? Occupant::the_very_same : Occupant::another;
    }
    return occupants;
  }

  Result<void> keep(std::span<const KeptMessage> messages) override {
    if (auto kept = inner().keep(messages); !kept) return kept;
    std::vector<OriginalKey> keys;
    for (const KeptMessage& each : messages) {
      if (day_of(each.message.received_at) < today_) keys.push_back(key_of_original(each.message));
    }
    const auto archived = dropped_.originals(std::move(keys));
    if (!archived) return archived.failure();
    if (archived->empty()) return {};
    return fail(Errc::overloaded, "the archive already has this message, or another one at its time");
  }

 private:
  Dropped& dropped_;
  const Day today_;
};

class ArchivedIngestStore final : public IngestStore {
 public:
  ArchivedIngestStore(std::unique_ptr<IngestStore> store, std::unique_ptr<ArchiveSource> source,
                      std::unique_ptr<Archive> archive, Clock& clock)
      : store_(std::move(store)), dropped_(std::move(source), std::move(archive)), clock_(clock) {}

  Result<std::unique_ptr<IngestTransaction>> begin() override {
    auto begun = store_->begin();
    if (!begun) return begun;
    return std::make_unique<ArchivedTransaction>(*std::move(begun), dropped_, day_of(clock_.now()));
  }

 private:
  const std::unique_ptr<IngestStore> store_;
  Dropped dropped_;
  Clock& clock_;
};

}  // namespace

std::vector<StoredMessage> merged_page(std::vector<StoredMessage> store, std::vector<StoredMessage> archive,
                                       Paging page) {
  if (store.empty() || archive.empty()) return store.empty() ? std::move(archive) : std::move(store);
  const auto comes_first = [&](MessageCursor a, MessageCursor b) { return page.is_backwards() ? b < a : a < b; };
  const auto is_before = [&](const StoredMessage& a, const StoredMessage& b) {
    return comes_first(cursor_of(a), cursor_of(b));
  };
  // Where one of them ends, it may have more.
  const MessageCursor known = cursor_of(is_before(store.back(), archive.back()) ? store.back() : archive.back());
  std::vector<StoredMessage> both;
  std::set_union(std::make_move_iterator(store.begin()), std::make_move_iterator(store.end()),
                 std::make_move_iterator(archive.begin()), std::make_move_iterator(archive.end()),
                 std::back_inserter(both), is_before);
  const auto unknown = std::find_if(both.begin(), both.end(),
                                    [&](const StoredMessage& each) { return comes_first(known, cursor_of(each)); });
  both.erase(unknown, both.end());
  if (both.size() > page.limit) both.resize(page.limit);
  MessagePage filled;
  const auto beyond = std::find_if(both.begin(), both.end(), [&](const StoredMessage& each) {
    if (filled.is_full()) return true;
    filled.add(each.content.size());
    return false;
  });
  both.erase(beyond, both.end());
  return both;
}

std::unique_ptr<MessageReader> make_archived_message_reader(std::unique_ptr<MessageReader> store,
                                                            std::unique_ptr<ArchiveSource> source,
                                                            std::unique_ptr<Archive> archive) {
  return std::make_unique<ArchivedMessageReader>(std::move(store), std::move(source), std::move(archive));
}

std::unique_ptr<IngestStore> make_archived_ingest_store(std::unique_ptr<IngestStore> store,
                                                        std::unique_ptr<ArchiveSource> source,
                                                        std::unique_ptr<Archive> archive, Clock& clock) {
  return std::make_unique<ArchivedIngestStore>(std::move(store), std::move(source), std::move(archive), clock);
}

std::unique_ptr<AuditStore> make_archived_audit_store(std::unique_ptr<AuditStore> store,
                                                      std::unique_ptr<ArchiveSource> source,
                                                      std::unique_ptr<Archive> archive) {
  return std::make_unique<ArchivedAuditStore>(std::move(store), std::move(source), std::move(archive));
}

}  // namespace packwalk
