#include "app/ingest/hinted_ingest_store.h"

#include <utility>

#include "app/ingest/passed_on_transaction.h"

namespace packwalk {
namespace {

PacketKey key_of(const FixClaim& claim) { return {claim.device, Family::track, claim.fix.timestamp}; }
PacketKey key_of(const SampleClaim& claim) { return {claim.device, Family::activity, claim.sample.timestamp}; }

class HintedTransaction final : public PassedOnTransaction {
 public:
  HintedTransaction(std::unique_ptr<IngestTransaction> inner, SeenKeys& seen)
      : PassedOnTransaction(std::move(inner)), seen_(seen) {}

  Result<std::vector<Standing>> claim(std::span<const FixClaim> fixes) override { return claim_hinted(fixes); }
  Result<std::vector<Standing>> claim(std::span<const SampleClaim> samples) override { return claim_hinted(samples); }

  Result<void> commit() override {
    auto done = inner().commit();
    if (done && !taken_.empty()) seen_.remember(taken_);
    return done;
  }

 private:
  template <class Claim>
  Result<std::vector<Standing>> claim_hinted(std::span<const Claim> claims) {
    if (claims.empty()) return inner().claim(claims);
    std::vector<PacketKey> keys;
    keys.reserve(claims.size());
    for (const Claim& claim : claims) keys.push_back(key_of(claim));
    const std::vector<bool> guesses = seen_.guess(keys);
    std::vector<Claim> hinted(claims.begin(), claims.end());
    for (std::size_t i = 0; i < hinted.size(); ++i) {
      hinted[i].is_likely_taken = guesses[i];
      if (!guesses[i]) taken_.push_back(keys[i]);
    }
    return inner().claim(std::span<const Claim>(hinted));
  }

  SeenKeys& seen_;
  std::vector<PacketKey> taken_;  // keys that the hint did not know
};

class HintedIngestStore final : public IngestStore {
 public:
  HintedIngestStore(std::unique_ptr<IngestStore> store, std::unique_ptr<SeenKeys> seen)
      : store_(std::move(store)), seen_(std::move(seen)) {}

  Result<std::unique_ptr<IngestTransaction>> begin() override {
    auto begun = store_->begin();
    if (!begun) return begun;
    return std::make_unique<HintedTransaction>(std::move(*begun), *seen_);
  }

 private:
  const std::unique_ptr<IngestStore> store_;
  const std::unique_ptr<SeenKeys> seen_;
};

}  // namespace

std::unique_ptr<IngestStore> make_hinted_ingest_store(std::unique_ptr<IngestStore> store,
                                                      std::unique_ptr<SeenKeys> seen) {
  return std::make_unique<HintedIngestStore>(std::move(store), std::move(seen));
}

}  // namespace packwalk
