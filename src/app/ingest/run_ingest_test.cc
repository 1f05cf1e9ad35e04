// What becomes of a batch that a store does not take.
#include "app/ingest/run_ingest.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "core/packet/json_form.h"

namespace packwalk {
namespace {

/// Takes everything but bodies with "poison" in a valid packet, and says so only when they come.
class PickyStore final : public IngestStore {
 public:
  Result<std::unique_ptr<IngestTransaction>> begin() override {
    if (cannot_begin) return fail(Errc::broken, "file is not a database");
    if (busy-- > 0) return fail(Errc::overloaded, "somebody is in the way");
    return std::make_unique<PickyTransaction>(*this);
  }

  int busy = 0;
  bool takes_nothing_of_it = false;
  bool is_broken = false;
  bool cannot_begin = false;
  std::vector<std::pair<std::string, std::string>> kept;  // body, reason

 private:
  class PickyTransaction final : public IngestTransaction {
   public:
    explicit PickyTransaction(PickyStore& store) : store_(store) {}
    Result<std::vector<Standing>> claim(std::span<const FixClaim> claims) override { return won(claims.size()); }
    Result<std::vector<Standing>> claim(std::span<const SampleClaim> claims) override { return won(claims.size()); }
    Result<std::vector<CurrentState>> states(std::span<const DeviceNumber> devices) override {
      std::vector<CurrentState> states;
      for (const DeviceNumber device : devices) states.push_back({.device = device});
      return states;
    }
    Result<std::vector<DeviceNumber>> erased(std::span<const DeviceNumber>) override {
      return std::vector<DeviceNumber>();
    }
    Result<void> put(std::span<const CurrentState>) override { return {}; }
    Result<std::vector<Occupant>> occupants(std::span<const Message> messages) override {
      return std::vector<Occupant>(messages.size(), Occupant::none);
    }
    Result<void> keep(std::span<const KeptMessage> messages) override {
      for (const KeptMessage& each : messages) {
        const bool poison = each.message.original.find("poison") != std::string_view::npos;
        if (each.message.original.find("later") != std::string_view::npos) {
          return fail(Errc::unavailable, "the disk is full");
        }
        if (each.message.original.find("thrown") != std::string_view::npos) throw std::bad_alloc();
        if (store_.is_broken) return fail(Errc::broken, "database disk image is malformed");
        if (each.message.original.find("corrupt") != std::string_view::npos) {
          return fail(Errc::corrupt, "its current position is not on earth");
        }
        if (each.message.original.find("conflict") != std::string_view::npos) {
          return fail(Errc::conflict, "CHECK constraint failed");
        }
        if (poison && (store_.takes_nothing_of_it || each.verdict != Verdict::invalid)) {
          return fail(Errc::invalid_input, "value out of range");
        }
        new_.emplace_back(each.message.original, each.reason);
      }
      return {};
    }
    Result<void> announce(std::span<const NewEvent>) override { return {}; }
    Result<void> mark_stale(std::span<const StaleWindow>) override { return {}; }
    Result<void> commit() override {
      store_.kept.insert(store_.kept.end(), new_.begin(), new_.end());
      return {};
    }

   private:
    static std::vector<Standing> won(std::size_t count) { return std::vector<Standing>(count, {true, 0}); }
    PickyStore& store_;
    std::vector<std::pair<std::string, std::string>> new_;
  };
};

/// One batch, and what became of each upload.
class OneBatch final : public PacketSource {
 public:
  /// Each body is of a device of its own, or all are of `only`.
  explicit OneBatch(std::vector<std::string> bodies, std::optional<DeviceNumber> only = std::nullopt) {
    for (std::string& body : bodies) {
      ++last_;
      Upload upload{
          .device = only.value_or(DeviceNumber{last_}), .received_at = server_time(last_), .body = std::move(body)};
      const TrackPacket packet{.timestamp = device_time(last_), .position = LatLon::from_degrees(1, 2).value()};
      upload.messages = {{0, upload.body.size(), packet}};
      batch_.uploads.push_back(std::move(upload));
      batch_.tags.push_back(0);
      batch_.confirmations.emplace_back();
    }
  }
  UploadBatch take(std::size_t) override { return std::exchange(batch_, {}); }
  void settle(UploadBatch batch, const Result<void>& outcome) override {
    for (const Upload& upload : batch.uploads) {
      (outcome ? done : lies_in_upload(outcome.error()) ? dead : refused).insert(upload.body);
    }
    const bool comes_again = !outcome && !lies_in_upload(outcome.error()) && rounds-- > 1;
    if (comes_again) batch_ = batch;
    settled.emplace_back();
    for (const Upload& upload : batch.uploads) settled.back().push_back(upload.body);
  }
  void close() override {}
  QueueDepth depth(ServerTime) const override { return {}; }

  std::set<std::string> done, dead, refused;
  int rounds = 1;  // how often what must be tried later is
  std::vector<std::vector<std::string>> settled;

 private:
  UploadBatch batch_;
  std::int64_t last_ = 0;
};

int run(OneBatch& source, PickyStore& store) {
  int attempts = 0;
  NobodyListens nobody;
  run_ingest(source, store, nobody, 100, [&](const Result<IngestReport>&) { ++attempts; });
  return attempts;
}

TEST(RunIngest, FindsTheOneAtFaultAndKeepsItAsInvalid) {
  OneBatch source({"a", "b", "c", "poison", "d", "e", "f"});
  PickyStore store;
  run(source, store);
  EXPECT_EQ((std::set<std::string>{"a", "b", "c", "poison", "d", "e", "f"}), source.done);
  EXPECT_TRUE(source.refused.empty());
  ASSERT_EQ(7U, store.kept.size());
  for (const auto& [body, reason] : store.kept) {
    EXPECT_EQ(body == "poison" ? "cannot be stored: value out of range" : "", reason) << body;
  }
}

TEST(RunIngest, LeavesToTheQueueWhatCannotEvenBeKept) {
  OneBatch source({"a", "poison"});
  PickyStore store;
  store.takes_nothing_of_it = true;
  run(source, store);
  EXPECT_EQ((std::set<std::string>{"a"}), source.done);
  EXPECT_EQ((std::set<std::string>{"poison"}), source.dead);
}

TEST(RunIngest, SetsAsideTheRowThatIsImpossibleAndCommitsTheRest) {
  OneBatch source({"a", "corrupt", "b", "c", "conflict", "d"});
  PickyStore store;
  run(source, store);
  EXPECT_EQ((std::set<std::string>{"a", "b", "c", "d"}), source.done);
  EXPECT_EQ((std::set<std::string>{"corrupt", "conflict"}), source.dead);
  EXPECT_TRUE(source.refused.empty());
}

TEST(RunIngest, SetsAsideWhatIsThrownThreeTimes) {
  OneBatch source({"a", "thrown", "b"});
  source.rounds = 3;
  PickyStore store;
  run(source, store);
  EXPECT_EQ((std::set<std::string>{"a", "b"}), source.done);
  EXPECT_EQ((std::set<std::string>{"thrown"}), source.dead);
}

TEST(RunIngest, CountsWhatIsThrownOfEachUploadByItselfAlsoWhenItsSenderSendsItAnew) {
  PickyStore store;
  NobodyListens nobody;
  std::set<std::string> dead;
  // As when each is alone and goes straight to ingest: its sender is told, and sends it again.
  class Turns final : public PacketSource {
   public:
    explicit Turns(std::set<std::string>& all) : all_(all) {}
    UploadBatch take(std::size_t) override {
      UploadBatch batch;
      if (turn_ == 6) return batch;
      OneBatch one({turn_++ % 2 == 0 ? "thrown a" : "thrown b"});
      return one.take(1);
    }
    void settle(UploadBatch batch, const Result<void>& outcome) override {
      if (!outcome && lies_in_upload(outcome.error())) all_.insert(batch.uploads.front().body);
    }
    void close() override {}
    QueueDepth depth(ServerTime) const override { return {}; }

   private:
    std::set<std::string>& all_;
    int turn_ = 0;
  } turns(dead);
  run_ingest(turns, store, nobody, 100, [](const Result<IngestReport>&) {});
  EXPECT_EQ((std::set<std::string>{"thrown a", "thrown b"}), dead);
}

TEST(RunIngest, TriesAgainWhatIsThrownOnce) {
  OneBatch source({"a", "thrown", "b"});
  PickyStore store;
  run(source, store);
  EXPECT_TRUE(source.dead.empty());
  EXPECT_EQ((std::set<std::string>{"thrown", "b"}), source.refused);
}

std::vector<std::string> numbered(const std::string& text, int count) {
  std::vector<std::string> bodies;
  bodies.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) bodies.push_back(text + std::to_string(i));
  return bodies;
}

TEST(RunIngest, HoldsBackEverythingWhenTheStoreIsBroken) {
  OneBatch source(numbered("of one device ", 50), DeviceNumber{7});
  source.rounds = 3;
  PickyStore store;
  store.is_broken = true;
  run(source, store);
  EXPECT_TRUE(source.done.empty());
  EXPECT_TRUE(source.dead.empty());
  EXPECT_EQ(50U, source.refused.size());
}

TEST(RunIngest, SetsAsideAnyNumberOfImpossibleUploadsInARowAndCommitsTheRest) {
  for (const auto only : {std::optional(DeviceNumber{7}), std::optional<DeviceNumber>()}) {
    auto bodies = numbered("corrupt ", 2500);
    bodies.emplace_back("behind");
    OneBatch source(bodies, only);
    PickyStore store;
    run(source, store);
    EXPECT_EQ((std::set<std::string>{"behind"}), source.done);
    EXPECT_EQ(2500U, source.dead.size());
    EXPECT_TRUE(source.refused.empty());
  }
}

TEST(RunIngest, HoldsBackEverythingWhenTheStoreIsBrokenFromTheFirstStep) {
  OneBatch source({"a", "b"});
  PickyStore store;
  store.cannot_begin = true;
  run(source, store);
  EXPECT_TRUE(source.dead.empty());
  EXPECT_EQ((std::set<std::string>{"a", "b"}), source.refused);
}

TEST(RunIngest, KeepsNothingThatStandsBehindWhatMustBeTriedLater) {
  OneBatch source({"a", "poison", "b", "later", "poison", "c", "d"});
  PickyStore store;
  run(source, store);
  EXPECT_EQ((std::set<std::string>{"a", "poison", "b"}), source.done);
  EXPECT_EQ((std::vector<std::string>{"later", "poison", "c", "d"}), source.settled.back());
}

TEST(RunIngest, TriesAgainAtOnceWhenSomebodyWasInTheWay) {
  OneBatch source({"a"});
  PickyStore store;
  store.busy = 2;
  EXPECT_EQ(3, run(source, store));
  EXPECT_EQ((std::set<std::string>{"a"}), source.done);
}

TEST(RunIngest, GivesItBackWhenSomebodyIsAlwaysInTheWay) {
  OneBatch source({"a"});
  PickyStore store;
  store.busy = 1000;
  run(source, store);
  EXPECT_EQ((std::set<std::string>{"a"}), source.refused);
}

}  // namespace
}  // namespace packwalk
