// An ingest store whose commits fail when a test says so.
#pragma once

#include <utility>

#include "app/ingest/passed_on_transaction.h"

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
  class FaultyTransaction final : public PassedOnTransaction {
   public:
    FaultyTransaction(std::unique_ptr<IngestTransaction> passed_to, CommitFate fate)
        : PassedOnTransaction(std::move(passed_to)), fate_(fate) {}

    Result<void> commit() override {
      if (fate_ == CommitFate::refused) return fail(Errc::unavailable, "the commit was refused");
      auto done = inner().commit();
      if (fate_ == CommitFate::doubtful) return fail(Errc::unavailable, "the answer was lost");
      return done;
    }

   private:
    CommitFate fate_;
  };

  IngestStore& store_;
  CommitFate next_ = CommitFate::done;
};

}  // namespace packwalk
