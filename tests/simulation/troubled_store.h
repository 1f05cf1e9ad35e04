// An AnalysisStore beside which others do something at any moment.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ports/analysis_store.h"

namespace packwalk {

/// Whether a worker asks who has a device; what it writes must be right without it.
enum class DeviceLocks { asked, ignored };

/// A store in which `trouble` is called before each of a worker's steps, and after the last one. An error that it
/// returns is the step's.
class TroubledStore final : public AnalysisStore {
 public:
  TroubledStore(std::unique_ptr<AnalysisStore> store, DeviceLocks locks, std::function<Result<void>()> trouble)
      : store_(std::move(store)), locks_(locks), trouble_(std::move(trouble)) {}

  AnalysisStore& quiet() { return *store_; }

  Result<std::vector<DeviceNumber>> devices_stale_since(DeviceTime since, std::int64_t after,
                                                        std::size_t limit) override {
    return store_->devices_stale_since(since, after, limit);
  }
  Result<std::optional<DeviceNumber>> next_device_stale_before(DeviceTime until, std::int64_t after) override {
    return store_->next_device_stale_before(until, after);
  }
  Result<std::int64_t> count_stale_windows() override { return store_->count_stale_windows(); }
  Result<void> set_aside(const SetAside& window) override { return store_->set_aside(window); }
  Result<std::vector<SetAside>> windows_set_aside(std::size_t limit) override {
    return store_->windows_set_aside(limit);
  }
  Result<std::int64_t> count_set_aside() override { return store_->count_set_aside(); }
  Result<std::int64_t> count_failures(const StaleWindow& window) override { return store_->count_failures(window); }
  Result<void> retry_set_aside(ServerTime now) override { return store_->retry_set_aside(now); }
  Result<RulesInUse> rules() override { return store_->rules(); }
  Result<void> put_rules(const RulesInUse& rules) override { return store_->put_rules(rules); }
  Result<std::optional<DeviceNumber>> next_device(std::int64_t after) override { return store_->next_device(after); }
  Result<void> mark_all_stale(DeviceNumber device) override { return store_->mark_all_stale(device); }
  Result<bool> lock(DeviceNumber device) override {
    return locks_ == DeviceLocks::asked ? store_->lock(device) : Result<bool>(true);
  }
  void release(DeviceNumber device) override {
    if (locks_ == DeviceLocks::asked) store_->release(device);
  }
  Result<std::unique_ptr<AnalysisSnapshot>> snapshot() override {
    return in_trouble([&] { return store_->snapshot(); });
  }
  Result<std::optional<AnalysisVersion>> put_places(DeviceNumber device, AnalysisVersion version,
                                                    const RowChanges<PlaceCell>& changes) override {
    return in_trouble([&] { return store_->put_places(device, version, changes); });
  }
  Result<bool> finish(const Analysis& analysis) override {
    auto finished = in_trouble([&] { return store_->finish(analysis); });
    if (auto survived = trouble_(); !survived) return survived.failure();
    return finished;
  }

 private:
  template <class Step>
  auto in_trouble(Step step) -> decltype(step()) {
    if (auto survived = trouble_(); !survived) return survived.failure();
    return step();
  }

  const std::unique_ptr<AnalysisStore> store_;
  const DeviceLocks locks_;
  const std::function<Result<void>()> trouble_;
};

}  // namespace packwalk
