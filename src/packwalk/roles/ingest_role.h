// The role that commits packets, keeps the store in order and copies to the archive.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "app/archive/copy_to_archive.h"
#include "packwalk/configuration/config.h"
#include "packwalk/roles/archiver.h"
#include "packwalk/roles/keeper.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/shared.h"
#include "packwalk/roles/watched_source.h"
#include "ports/ingest_store.h"
#include "ports/live_feed.h"
#include "ports/packet_queue.h"
#include "ports/store_keeper.h"

namespace packwalk {

struct IngestPorts {
  std::shared_ptr<PacketSource> source;
  std::unique_ptr<IngestStore> store;
  std::unique_ptr<StoreKeeper> keeper;
  std::optional<ArchiveParts> archive;  // source and target of the archive, if there is one
  std::unique_ptr<LiveFeed> live;       // receives the committed positions
};

class IngestRole final : public Role {
 public:
  IngestRole(const Config& config, Shared& shared, IngestPorts ports);
  IngestRole(const IngestRole&) = delete;
  IngestRole& operator=(const IngestRole&) = delete;
  ~IngestRole() override { drain(); }

  Result<void> start() override;
  void refuse() override { source_->close(); }
  /// Commits the rest of the queue, after refuse().
  void drain() override;
  Readiness trouble() const override;
  void measure(Metrics::Levels& levels) const override;

 private:
  void run();

  const std::size_t batch_messages_max_;
  Shared& shared_;
  const std::shared_ptr<PacketSource> source_;
  const std::unique_ptr<IngestStore> store_;
  const std::unique_ptr<LiveFeed> live_;
  WatchedSource watched_;
  Keeper keeper_;
  std::optional<Archiver> archiver_;
  std::thread thread_;
};

}  // namespace packwalk
