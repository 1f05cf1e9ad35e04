#include "app/hinted_ingest_store.h"

#include <utility>

namespace packwalk {
namespace {

PacketKey key_of(const FixClaim& claim) { return {claim.device, Family::track, claim.fix.timestamp}; }
PacketKey key_of(const SampleClaim& claim) { return {claim.device, Family::activity, claim.sample.timestamp}; }

class HintedTransaction final : public IngestTransaction {
 public:
  HintedTransaction(std::unique_ptr<IngestTransaction> inner, SeenKeys& seen) : inner_(std::move(inner)), seen_(seen) {}

  Result<std::vector<Standing>> claim(std::span<const FixClaim> fixes) override { return claim_hinted(fixes); }
  Result<std::vector<Standing>> claim(std::span<const SampleClaim> samples) override { return claim_hinted(samples); }

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
    auto done = inner_->commit();
    if (done && !taken_.empty()) seen_.remember(taken_);
    return done;
  }

 private:
  template <class Claim>
  Result<std::vector<Standing>> claim_hinted(std::span<const Claim> claims) {
    if (claims.empty()) return inner_->claim(claims);
    std::vector<PacketKey> keys;
    keys.reserve(claims.size());
    for (const Claim& claim : claims) keys.push_back(key_of(claim));
    const std::vector<bool> guesses = seen_.guess(keys);
    std::vector<Claim> hinted(claims.begin(), claims.end());
    for (std::size_t i = 0; i < hinted.size(); ++i) {
      hinted[i].is_likely_taken = guesses[i];
      if (!guesses[i]) taken_.push_back(keys[i]);
    }
    return inner_->claim(std::span<const Claim>(hinted));
  }

  const std::unique_ptr<IngestTransaction> inner_;
  SeenKeys& seen_;
  std::vector<PacketKey> taken_;  // that were not known to be
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
