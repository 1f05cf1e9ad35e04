#include "analysed_store.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "app/analysis/analyse_device.h"
#include "app/analysis/run_analysis.h"
#include "figures.h"

namespace packwalk::bench {
namespace {

constexpr std::size_t dogs_a_commit = 50;

template <class Value>
Value taken(Result<Value> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}
void taken(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().detail);
}

ServerTime now() { return std::chrono::time_point_cast<ServerTime::duration>(std::chrono::system_clock::now()); }

/// The devices' fixes, in the order of their numbers.
void commit(IngestStore& store, std::span<const DeviceNumber> devices, std::span<const std::vector<PathFix>> fixes) {
  const auto transaction = taken(store.begin());
  std::vector<FixClaim> claims;
  std::vector<StaleWindow> windows;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    for (const PathFix& fix : fixes[i]) {
      claims.push_back({devices[i],
                        {.position = fix.position,
                         .altitude = {},
                         .accuracy = fix.accuracy,
                         .timestamp = fix.timestamp,
                         .received_at = now()},
                        static_cast<ContentHash>(claims.size())});
      const StaleWindow window = stale_window_of({devices[i], Family::track, fix.timestamp});
      if (windows.empty() || windows.back() != window) windows.push_back(window);
    }
  }
  taken(transaction->claim(claims));
  std::vector<CurrentState> states = taken(transaction->states(devices));
  for (std::size_t i = 0; i < devices.size(); ++i) {
    states[i].counts.fixes += static_cast<std::int64_t>(fixes[i].size());
  }
  taken(transaction->put(states));
  taken(transaction->mark_stale(windows));
  taken(transaction->commit());
}

void work_until_nothing_is_stale(const Store& store) {
  const auto mine = taken(store.analysis_store());
  RunAnalysis run(*mine, {});
  while (true) {
    const auto pause = run.step(now());
    if (const AnalysisLevels levels = run.levels(); !levels.trouble.empty()) throw std::runtime_error(levels.trouble);
    if (pause.count() > 0 && taken(mine->count_stale_windows()) == 0) return;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

std::vector<DeviceNumber> keep_dogs(const Store& store, std::size_t count, const FixesOfDog& fixes_of) {
  const auto registry = taken(store.device_registry());
  std::size_t before = 0;
  taken(registry->changes_since(
      0, [&](const DeviceRecord&) { ++before; }, leave_out));
  std::vector<NewDevice> added;
  std::vector<DeviceNumber> numbers;
  for (std::size_t i = before; i < before + count; ++i) {
    TokenHash hash{};
    std::string id = std::to_string(1'000'000 + i);
    std::copy(id.begin(), id.end(), hash.begin());
    added.push_back({taken(DeviceId::from_text(id)), hash});
    numbers.push_back(DeviceNumber{static_cast<std::int64_t>(i) + 1});
  }
  taken(registry->add(added, now()));
  const auto ingest = taken(store.ingest_store());
  for (std::size_t first = 0; first < count; first += dogs_a_commit) {
    const std::size_t some = std::min(dogs_a_commit, count - first);
    std::vector<std::vector<PathFix>> fixes;
    for (std::size_t i = 0; i < some; ++i) fixes.push_back(fixes_of(first + i));
    commit(*ingest, std::span(numbers).subspan(first, some), fixes);
  }
  return numbers;
}

double analyse_all(const Store& store, std::size_t workers) {
  std::vector<std::thread> threads;
  std::vector<std::exception_ptr> failures(workers);
  const auto started = Clock::now();
  for (std::size_t i = 0; i < workers; ++i) {
    threads.emplace_back([&, i] {
      try {
        work_until_nothing_is_stale(store);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return seconds_since(started);
}

std::size_t count_joint_walks(const Store& store, const std::vector<DeviceNumber>& devices) {
  constexpr Seconds always{0, std::numeric_limits<std::int32_t>::max()};
  const auto mine = taken(store.analysis_store());
  const auto snapshot = taken(mine->snapshot());
  std::size_t ends = 0;
  for (const DeviceNumber device : devices) ends += taken(snapshot->joint_walks(device, always)).size();
  return ends / 2;
}

double analyse_one(const Store& store, DeviceNumber device) {
  const auto mine = taken(store.analysis_store());
  taken(mine->count_stale_windows());  // connects
  const auto started = Clock::now();
  const auto report = taken(analyse_device({device}, *mine, {}));
  const double seconds = seconds_since(started);
  if (!report || report->windows == 0) throw std::runtime_error("a device was not analysed");
  return seconds;
}

}  // namespace packwalk::bench
