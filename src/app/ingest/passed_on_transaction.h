// Base class of decorators of an ingest store.
#pragma once

#include <memory>
#include <utility>

#include "ports/ingest_store.h"

namespace packwalk {

/// Forwards all calls; a decorator overrides some.
class PassedOnTransaction : public IngestTransaction {
 public:
  explicit PassedOnTransaction(std::unique_ptr<IngestTransaction> inner) : inner_(std::move(inner)) {}

  Result<std::vector<Standing>> claim(std::span<const FixClaim> fixes) override { return inner_->claim(fixes); }
  Result<std::vector<Standing>> claim(std::span<const SampleClaim> samples) override { return inner_->claim(samples); }
  Result<std::vector<CurrentState>> states(std::span<const DeviceNumber> devices) override {
    return inner_->states(devices);
  }
  Result<std::vector<DeviceNumber>> erased(std::span<const DeviceNumber> devices) override {
    return inner_->erased(devices);
  }
  Result<void> put(std::span<const CurrentState> states) override { return inner_->put(states); }
  Result<std::vector<Occupant>> occupants(std::span<const Message> messages) override {
    return inner_->occupants(messages);
  }
  Result<void> keep(std::span<const KeptMessage> messages) override { return inner_->keep(messages); }
  Result<void> announce(std::span<const NewEvent> events) override { return inner_->announce(events); }
  Result<void> mark_stale(std::span<const StaleWindow> windows) override { return inner_->mark_stale(windows); }
  Result<void> commit() override { return inner_->commit(); }

 protected:
  IngestTransaction& inner() { return *inner_; }

 private:
  const std::unique_ptr<IngestTransaction> inner_;
};

}  // namespace packwalk
