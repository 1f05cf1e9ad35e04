#include "app/run_ingest.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <utility>

namespace packwalk {
namespace {

constexpr int attempts_at_once = 5;

class IngestRun {
 public:
  IngestRun(PacketSource& queue, IngestStore& store, LiveFeed& live, const ReportBatch& report)
      : queue_(queue), store_(store), live_(live), report_(report) {}

  void ingest(DeliveryBatch batch) {
    if (auto outcome = ingest_from_the_front(batch); !outcome) queue_.settle(std::move(batch), outcome);
  }

 private:
  /// Settles all but what must be tried again later, which stays in `batch`: that which failed and all behind it, so
  /// that of two packets of a device the second is never kept before the first.
  Result<void> ingest_from_the_front(DeliveryBatch& batch) {
    auto outcome = commit(batch);
    if (is_of_one(outcome) && batch.deliveries.size() > 1) return ingest_halves(batch);
    if (!outcome && outcome.error().code == Errc::invalid_input) outcome = keep_as_invalid(batch, outcome.error());
    if (!outcome && !is_of_one(outcome)) return outcome;
    queue_.settle(std::move(batch), outcome);
    return {};
  }

  /// Whether a batch failed because of some delivery in it, and not as a whole.
  static bool is_of_one(const Result<void>& outcome) {
    return !outcome && (outcome.error().code == Errc::invalid_input || outcome.error().code == Errc::not_found);
  }

  Result<void> ingest_halves(DeliveryBatch& batch) {
    DeliveryBatch second = take_half(batch);
    if (auto first = ingest_from_the_front(batch); !first) {
      append(batch, std::move(second));
      return first;
    }
    batch = std::move(second);
    return ingest_from_the_front(batch);
  }

  static void append(DeliveryBatch& batch, DeliveryBatch more) {
    std::move(more.deliveries.begin(), more.deliveries.end(), std::back_inserter(batch.deliveries));
    batch.tags.insert(batch.tags.end(), more.tags.begin(), more.tags.end());
    std::move(more.confirmations.begin(), more.confirmations.end(), std::back_inserter(batch.confirmations));
  }

  Result<void> commit(DeliveryBatch& batch) {
    Result<IngestReport> ingested = commit_once(batch);
    report_(ingested);
    for (int i = 1; i < attempts_at_once && !ingested && ingested.error().code == Errc::overloaded; ++i) {
      // Who was in the way may have committed the very same.
      for (Delivery& delivery : batch.deliveries) delivery.redelivered = true;
      ingested = commit_once(batch);
      report_(ingested);
    }
    if (!ingested) return tl::unexpected(std::move(ingested.error()));
    return {};
  }

  /// What is thrown, memory running out say, is an error of the batch, and not the end of the server.
  Result<IngestReport> commit_once(const DeliveryBatch& batch) {
    try {
      return ingest_batch(batch.deliveries, store_, live_);
    } catch (const std::exception& error) {
      return fail(Errc::unavailable, std::string("a batch could not be committed: ") + error.what());
    }
  }

  Result<void> keep_as_invalid(const DeliveryBatch& batch, const Error& why) {
    DeliveryBatch one;
    one.deliveries.push_back(batch.deliveries.front());
    Delivery& delivery = one.deliveries.front();
    delivery.messages.assign(1, {0, delivery.body.size(), Flaw{"", "cannot be stored: " + why.detail}});
    delivery.messages.front().hash = hash_of_bytes(delivery.body);
    return commit(one);
  }

  static DeliveryBatch take_half(DeliveryBatch& batch) {
    const auto half = static_cast<std::ptrdiff_t>(batch.deliveries.size() / 2);
    return {tail(batch.deliveries, half), tail(batch.tags, half), tail(batch.confirmations, half)};
  }

  template <class Things>
  static Things tail(Things& things, std::ptrdiff_t from) {
    Things rest(std::make_move_iterator(things.begin() + from), std::make_move_iterator(things.end()));
    things.erase(things.begin() + from, things.end());
    return rest;
  }

  PacketSource& queue_;
  IngestStore& store_;
  LiveFeed& live_;
  const ReportBatch& report_;
};

}  // namespace

void run_ingest(PacketSource& queue, IngestStore& store, LiveFeed& live, std::size_t messages_max,
                const ReportBatch& report) {
  IngestRun run(queue, store, live, report);
  for (DeliveryBatch batch = queue.take(messages_max); !batch.deliveries.empty(); batch = queue.take(messages_max)) {
    run.ingest(std::move(batch));
  }
}

}  // namespace packwalk
