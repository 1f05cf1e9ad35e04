#include "packwalk/roles/api_role.h"

#include <utility>

#include "api/endpoints.h"

namespace packwalk {

ApiRole::ApiRole(const Config& config, Shared& shared, ApiPorts ports, ToldHere told_here)
    : query_max_(config.http.query_max),
      rules_(config.analysis.rules),
      shared_(shared),
      ports_(std::move(ports)),
      told_here_(told_here),
      positions_(*ports_.store) {}

std::vector<Route> ApiRole::routes() {
  return api_routes({.directory = shared_.directory,
                     .positions = positions_.all(),
                     .store = *ports_.store,
                     .messages = *ports_.messages,
                     .pool = shared_.pool,
                     .clock = shared_.clock,
                     .admin_token = ports_.admin_token,
                     .rules = rules_,
                     .query_max = query_max_,
                     .failed_log_ins = &shared_.failed_log_ins,
                     .failed = [this](const AnswerFault& fault) { faults_.note(fault); }});
}

Result<void> ApiRole::start() {
  if (!ports_.follow) return {};
  auto followed = ports_.follow(positions_);
  if (!followed) return followed.failure();
  const std::lock_guard lock(mutex_);
  others_ = *std::move(followed);
  return {};
}

void ApiRole::drain() {
  std::unique_ptr<LiveSource> ended;  // after the lock, because the destructor waits for the thread
  const std::lock_guard lock(mutex_);
  ended = std::move(others_);
}

bool ApiRole::is_told() const {
  const std::lock_guard lock(mutex_);
  return others_ ? others_->is_following() : told_here_ == ToldHere::everything;
}

}  // namespace packwalk
