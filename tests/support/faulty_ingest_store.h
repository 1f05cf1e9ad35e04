// An ingest store whose commits fail when a test says so.
#pragma once

#include <utility>

#include "ports/ingest_store.h"

namespace packwalk {

enum class CommitFate {
  done,
  refused,   // an error, and nothing was kept
  doubtful,  // an error, though everything was kept: the answer was lost
};

/// Stands before `store`, which must outlive it.
class FaultyIngestStore final : public IngestStore {
 public:
  explicit FaultyIngestStore(IngestStore& store) : store_(store) {}

  void set_next_commit(CommitFate fate) { next_ = fate; }

  Result<std::unique_ptr<IngestTransaction>> begin() override {
    auto begun = store_.begin();
    if (!begun) return begun;
    return std::make_unique<FaultyTransaction>(std::move(*begun), std::exchange(next_, CommitFate::done));
  }

 private:
  class FaultyTransaction final : public IngestTransaction {
   public:
    FaultyTransaction(std::unique_ptr<IngestTransaction> inner, CommitFate fate)
        : inner_(std::move(inner)), fate_(fate) {}

    Result<std::vector<Standing>> claim(std::span<const FixClaim> fixes) override { return inner_->claim(fixes); }
    Result<std::vector<Standing>> claim(std::span<const SampleClaim> samples) override {
      return inner_->claim(samples);
    }
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
    Result<void> announce(std::span<const StatusChange> changes) override { return inner_->announce(changes); }
    Result<void> mark_stale(std::span<const StaleWindow> windows) override { return inner_->mark_stale(windows); }

    Result<void> commit() override {
      if (fate_ == CommitFate::refused) return fail(Errc::unavailable, "the commit was refused");
      auto done = inner_->commit();
      if (fate_ == CommitFate::doubtful) return fail(Errc::unavailable, "the answer was lost");
      return done;
    }

   private:
    std::unique_ptr<IngestTransaction> inner_;
    CommitFate fate_;
  };

  IngestStore& store_;
  CommitFate next_ = CommitFate::done;
};

}  // namespace packwalk
