// The role that answers queries.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "app/access/admin_token.h"
#include "packwalk/configuration/config.h"
#include "packwalk/roles/followed_positions.h"
#include "packwalk/roles/request_log.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/shared.h"
#include "ports/live_feed.h"
#include "ports/message_reader.h"
#include "ports/query_store.h"

namespace packwalk {

struct ApiPorts {
  std::unique_ptr<QueryStore> store;
  std::unique_ptr<MessageReader> messages;
  const AdminToken& admin_token;
  /// Opens the feed of positions from other processes; empty: there is no feed.
  std::function<Result<std::unique_ptr<LiveSource>>(LiveListener&)> follow;
};

class ApiRole final : public Role {
 public:
  /// Whether an ingest of this process is the only one and publishes all positions to positions().
  enum class ToldHere { nothing, everything };

  ApiRole(const Config& config, Shared& shared, ApiPorts ports, ToldHere told_here);

  LiveFeed& positions() { return positions_; }

  std::vector<Route> routes() override;
  Result<void> catch_up() override { return positions_.catch_up(is_told()); }
  Result<void> start() override;
  void drain() override;
  void measure(Metrics::Levels& levels) const override { levels.positions = positions_.all().size(); }

 private:
  bool is_told() const;

  const std::chrono::seconds query_max_;
  const AnalysisRules rules_;
  Shared& shared_;
  const ApiPorts ports_;
  const ToldHere told_here_;
  AnswerFaultLog faults_;
  FollowedPositions positions_;
  mutable std::mutex mutex_;
  std::unique_ptr<LiveSource> others_;  // guarded by mutex_; last, because its thread uses positions_
};

}  // namespace packwalk
