#include "app/ingest/run_ingest.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <map>
#include <new>
#include <span>
#include <string>
#include <thread>
#include <utility>

namespace packwalk {
namespace {

constexpr int attempts_at_once = 5;
constexpr int throws_max = 3;  // exceptions by one upload before the upload is at fault, not the machine
constexpr std::size_t throwers_max = 1000;
constexpr std::chrono::milliseconds memory_pause{100};

class IngestRun {
 public:
  IngestRun(PacketSource& queue, IngestStore& store, LiveFeed& live, const ReportBatch& report)
      : queue_(queue), store_(store), live_(live), report_(report) {}

  UploadBatch take(std::size_t messages_max) {
    while (true) {
      try {
        return queue_.take(messages_max);
      } catch (const std::exception& error) {
        report_(thrown(error));
        std::this_thread::sleep_for(memory_pause);
      }
    }
  }

  void ingest(UploadBatch batch) {
    if (auto outcome = ingest_from_the_front(batch); !outcome) queue_.settle(std::move(batch), outcome);
  }

 private:
  /// Settles all uploads before the one that failed. That one and all after it stay in `batch` for a retry, so that
  /// packets of a device are committed in order.
  Result<void> ingest_from_the_front(UploadBatch& batch) {
    try {
      return ingest_what_can_be(batch);
    } catch (const std::exception& error) {
      return thrown(error);
    }
  }

  Result<void> ingest_what_can_be(UploadBatch& batch) {
    auto outcome = commit(batch.uploads);
    const bool is_one = batch.uploads.size() == 1;
    if (!outcome && !is_one && (lies_in_upload(outcome.error()) || has_thrown_)) return ingest_halves(batch);
    if (!outcome && outcome.error().code == Errc::invalid_input) {
      outcome = keep_as_invalid(batch.uploads.front(), outcome.error());
    }
    if (!outcome && is_one && has_thrown_) outcome = Failure(judge_thrower(batch.uploads.front(), outcome.error()));
    if (!outcome && !lies_in_upload(outcome.error())) return outcome;
    queue_.settle(std::move(batch), outcome);
    return {};
  }

  /// The error for a single upload that caused an exception. If it recurs, the upload is at fault, also if its sender
  /// has sent the same body again.
  Error judge_thrower(const Upload& upload, const Error& error) {
    if (throwers_.size() >= throwers_max) throwers_.clear();
    const auto thrower = throwers_.try_emplace({upload.device, hash_of_bytes(upload.body)}, 0).first;
    if (++thrower->second < throws_max) return error;
    throwers_.erase(thrower);
    return {Errc::corrupt, error.detail + ", " + std::to_string(throws_max) + " times"};
  }

  Result<void> ingest_halves(UploadBatch& batch) {
    UploadBatch second = take_half(batch);
    if (auto first = ingest_from_the_front(batch); !first) {
      put_back(batch, std::move(second), first);
      return first;
    }
    batch = std::move(second);
    return ingest_from_the_front(batch);
  }

  /// Merges the parts into one batch. Without memory for it, returns the later part to the queue before the rest.
  void put_back(UploadBatch& batch, UploadBatch second, const Result<void>& outcome) {
    const std::size_t size = batch.uploads.size() + second.uploads.size();
    try {
      batch.uploads.reserve(size);
      batch.tags.reserve(size);
      batch.confirmations.reserve(size);
    } catch (const std::bad_alloc&) {
      queue_.settle(std::move(second), outcome);
      return;
    }
    std::move(second.uploads.begin(), second.uploads.end(), std::back_inserter(batch.uploads));
    batch.tags.insert(batch.tags.end(), second.tags.begin(), second.tags.end());
    std::move(second.confirmations.begin(), second.confirmations.end(), std::back_inserter(batch.confirmations));
  }

  Result<void> commit(std::vector<Upload>& uploads) {
    Result<IngestReport> ingested = commit_once(uploads);
    report_(ingested);
    for (int i = 1; i < attempts_at_once && !ingested && ingested.error().code == Errc::overloaded; ++i) {
      // The other writer may have committed the same messages.
      for (Upload& upload : uploads) upload.redelivered = true;
      ingested = commit_once(uploads);
      report_(ingested);
    }
    if (!ingested) return ingested.failure();
    return {};
  }

  /// An exception, such as std::bad_alloc, is an error of the batch, and does not end the server.
  Result<IngestReport> commit_once(std::span<const Upload> uploads) {
    has_thrown_ = false;
    try {
      return ingest_batch(uploads, store_, live_);
    } catch (const std::exception& error) {
      has_thrown_ = true;
      return thrown(error);
    }
  }

  static Failure thrown(const std::exception& error) {
    return fail(Errc::unavailable, std::string("a batch could not be committed: ") + error.what());
  }

  Result<void> keep_as_invalid(const Upload& original, const Error& why) {
    std::vector<Upload> one;
    try {
      one.push_back(original);
      Upload& upload = one.front();
      upload.messages.assign(1, {0, upload.body.size(), Flaw{"", "cannot be stored: " + why.detail}});
      upload.messages.front().hash = hash_of_bytes(upload.body);
    } catch (const std::exception& error) {
      has_thrown_ = true;
      return thrown(error);
    }
    return commit(one);
  }

  /// Moves all or nothing.
  static UploadBatch take_half(UploadBatch& batch) {
    const auto half = static_cast<std::ptrdiff_t>(batch.uploads.size() / 2);
    UploadBatch rest;
    const std::size_t size = batch.uploads.size() - static_cast<std::size_t>(half);
    rest.uploads.reserve(size);
    rest.tags.reserve(size);
    rest.confirmations.reserve(size);
    move_tail(batch.uploads, half, rest.uploads);
    move_tail(batch.tags, half, rest.tags);
    move_tail(batch.confirmations, half, rest.confirmations);
    return rest;
  }

  template <class Things>
  static void move_tail(Things& things, std::ptrdiff_t from, Things& rest) {
    std::move(things.begin() + from, things.end(), std::back_inserter(rest));
    things.erase(things.begin() + from, things.end());
  }

  PacketSource& queue_;
  IngestStore& store_;
  LiveFeed& live_;
  const ReportBatch& report_;

  bool has_thrown_ = false;                                       // the last attempt
  std::map<std::pair<DeviceNumber, ContentHash>, int> throwers_;  // exceptions that they caused
};

}  // namespace

void run_ingest(PacketSource& queue, IngestStore& store, LiveFeed& live, std::size_t messages_max,
                const ReportBatch& report) {
  IngestRun run(queue, store, live, report);
  for (UploadBatch batch = run.take(messages_max); !batch.uploads.empty(); batch = run.take(messages_max)) {
    run.ingest(std::move(batch));
  }
}

}  // namespace packwalk
