#include "http/blocking_pool.h"

#include <algorithm>
#include <utility>

namespace packwalk {
namespace {

constexpr std::size_t look_ups_max = 4096;
constexpr std::chrono::seconds look_up_seconds{10};

}  // namespace

BlockingPool::BlockingPool(std::size_t query_threads, std::size_t queries_max, const ReportJobFault& report)
    : look_ups_({.name = "look_ups",
                 .threads = 1,
                 .running_each = 1,
                 .jobs_max = look_ups_max,
                 .jobs_each = look_ups_max / 2},
                report),
      questions_({.name = "questions",
                  .threads = query_threads + 1,
                  .running_each = query_threads,
                  .jobs_max = queries_max,
                  .jobs_each = (queries_max + 1) / 2},
                 report) {}

bool BlockingPool::run(std::function<void()> work, std::function<void()> failed, Asker asker) {
  asker.deadline = std::min(asker.deadline, std::chrono::steady_clock::now() + look_up_seconds);
  const auto answered = [work = std::move(work)](LimitedWork&) {
    work();
    return JobEnd::answered;
  };
  return look_ups_.add(std::move(asker), answered, [failed = std::move(failed)](JobEnd) { failed(); });
}

bool BlockingPool::ask(Asker asker, JobPool::Work work, JobPool::Unanswered unanswered) {
  return questions_.add(std::move(asker), std::move(work), std::move(unanswered));
}

std::array<std::uint64_t, job_end_count> BlockingPool::ends() const {
  std::array<std::uint64_t, job_end_count> ends{};
  for (std::size_t i = 0; i < job_end_count; ++i) ends[i] = questions_.ends(static_cast<JobEnd>(i));
  return ends;
}

void BlockingPool::join() {
  look_ups_.join();
  questions_.join();
}

}  // namespace packwalk
