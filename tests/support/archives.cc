#include "tests/support/archives.h"

#include <unistd.h>

#include <cstdlib>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

#include "adapters/clickhouse/client.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr std::uint32_t last_ordinal = std::numeric_limits<std::int32_t>::max();

class StoredOriginals final : public Archive {
 public:
  explicit StoredOriginals(const StoreAdapter& adapter) : installation_(adapter.install()) {}

  /// As ingest does: what is kept already is left out.
  Result<void> keep(std::span<const Original> originals) override {
    auto transaction = std::move(ingest_->begin().value());
    std::vector<KeptMessage> messages;
    for (const auto& [device, message] : originals) {
      messages.push_back({{.device = device,
                           .received_at = message.received_at,
                           .ordinal = message.ordinal,
                           .transport = message.transport,
                           .original = message.content,
                           .hash = message.hash},
                          message.verdict,
                          message.reason});
    }
    std::vector<Message> asked;
    asked.reserve(messages.size());
    for (const KeptMessage& each : messages) asked.push_back(each.message);
    const auto occupants = transaction->occupants(asked).value();
    std::vector<KeptMessage> fresh;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (occupants[i] != Occupant::the_very_same) fresh.push_back(messages[i]);
    }
    if (auto done = transaction->keep(fresh); !done) return done;
    return transaction->commit();
  }
  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                              const MessageSpan& span, Paging page) override {
    return messages_->messages(device, verdict, span, page);
  }
  Result<std::vector<Original>> originals(std::span<const OriginalKey> keys) override {
    std::vector<Original> found;
    for (const auto& [device, arrival] : keys) {
      const ServerTime before = arrival.received_at - std::chrono::microseconds(1);
      auto page = messages_->messages(device, std::nullopt, MessageCursor{before, last_ordinal}, 9).value();
      for (StoredMessage& message : page) {
        if (cursor_of(message) == arrival) found.push_back({device, std::move(message)});
      }
    }
    return found;
  }
  Result<std::vector<DayDigest>> digests(DayRange range) override { return audit_->digests(range); }
  Result<std::vector<DayDigest>> digests(DayRange range, DeviceNumber device) override {
    const auto snapshot = std::move(audit_->snapshot(device).value());
    const auto messages = snapshot->messages({server_time(-1), 0}, last_ordinal).value();
    std::map<Day, DayDigest> days;
    for (const StoredMessage& message : messages) {
      const Day day = day_of(message.received_at);
      if (day < range.from || day >= range.until) continue;
      DayDigest& digest = days.try_emplace(day, DayDigest{day}).first->second;
      ++digest.messages;
      digest.hash ^= digest_hash(device, message);
    }
    std::vector<DayDigest> found;
    for (const auto& [day, digest] : days) found.push_back(digest);
    return found;
  }
  Result<void> erase(DeviceNumber device) override {
    for (std::int64_t rows = 1; rows > 0;) rows = eraser_->erase_some(device, 2).value();
    return {};
  }
  Result<std::int64_t> count(DeviceNumber device) override {
    std::int64_t messages = 0;
    const auto counts = eraser_->count(device).value();
    for (const RowCount& each : counts) {
      if (each.part == "messages") messages = each.rows;
    }
    return messages;
  }

 private:
  std::unique_ptr<Installation> installation_;
  std::unique_ptr<IngestStore> ingest_ = installation_->ingest_store();
  std::unique_ptr<MessageReader> messages_ = installation_->message_reader();
  std::unique_ptr<AuditStore> audit_ = installation_->audit_store();
  std::unique_ptr<DeviceEraser> eraser_ = installation_->device_eraser();
};

class InstalledClickhouse final : public Archive {
 public:
  Result<void> keep(std::span<const Original> originals) override { return archive_->keep(originals); }
  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                              const MessageSpan& span, Paging page) override {
    return archive_->messages(device, verdict, span, page);
  }
  Result<std::vector<Original>> originals(std::span<const OriginalKey> keys) override {
    return archive_->originals(keys);
  }
  Result<std::vector<DayDigest>> digests(DayRange range) override { return archive_->digests(range); }
  Result<std::vector<DayDigest>> digests(DayRange range, DeviceNumber device) override {
    return archive_->digests(range, device);
  }
  Result<void> erase(DeviceNumber device) override { return archive_->erase(device); }
  Result<std::int64_t> count(DeviceNumber device) override { return archive_->count(device); }

 private:
  ClickhouseInstallation installation_;
  std::unique_ptr<Archive> archive_ = std::move(make_clickhouse_archive(installation_.options()).value());
};

std::string server_url() {
  const char* url = std::getenv("PACKWALK_TEST_CLICKHOUSE");
  if (!url) throw std::runtime_error("no ClickHouse: run the tests with tools/with_servers.py");
  return url;
}

std::string run_in(const std::string& database, const std::string& statement) {
  const std::string server = server_url();
  const auto client = clickhouse::Client::from_url(server.substr(0, server.rfind('/') + 1) + database, "");
  if (!client) throw std::runtime_error(client.error().detail);
  auto answer = (*client)->ask(statement, std::chrono::seconds(30));
  if (!answer) throw std::runtime_error(answer.error().detail);
  return *std::move(answer);
}

}  // namespace

std::vector<ArchiveAdapter> archive_adapters() {
  std::vector<ArchiveAdapter> adapters{{"clickhouse", [] { return std::make_unique<InstalledClickhouse>(); }}};
  for (const StoreAdapter& store : store_adapters()) {
    adapters.push_back({store.name, [store] { return std::make_unique<StoredOriginals>(store); }});
  }
  return adapters;
}

ClickhouseInstallation::ClickhouseInstallation() {
  static int made = 0;
  database_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  run_in("default", "CREATE DATABASE " + database_);
  if (auto table = make_archive_table(options()); !table) throw std::runtime_error(table.error().detail);
}

ClickhouseInstallation::~ClickhouseInstallation() { run_in("default", "DROP DATABASE " + database_); }

ArchiveOptions ClickhouseInstallation::options() const {
  const std::string server = server_url();
  return {.url = server.substr(0, server.rfind('/') + 1) + database_};
}

std::string ClickhouseInstallation::run(const std::string& statement) const { return run_in(database_, statement); }

}  // namespace packwalk
