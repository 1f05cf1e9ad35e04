#include "http/job_pool.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace packwalk {
namespace {

/// Lines of any thread.
class Lines {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    added_.notify_all();
  }
  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    added_.wait(lock, [&] { return lines_.size() >= count; });
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<std::string> lines_;
};

TEST(JobPool, ReportsWhatAJobThrowsWithTheRequestThatItIsAPartOf) {
  Lines lines;
  JobPool pool(
      {.name = "hashing", .threads = 1, .running_each = 1, .jobs_max = 4, .jobs_each = 4}, [&](const JobFault& fault) {
        lines.add(std::string(fault.pool) + " " + std::string(fault.request_id) + ": " + std::string(fault.what));
      });
  const auto unanswered = [&](JobEnd end) { lines.add(std::string(name_of(end))); };
  EXPECT_TRUE(pool.add(
      {.request_id = "r1"}, [](LimitedWork&) -> JobEnd { throw std::runtime_error("no salt"); }, unanswered));
  EXPECT_TRUE(pool.add(
      {.request_id = "r2"}, [](LimitedWork&) -> JobEnd { throw 7; }, unanswered));
  EXPECT_EQ((std::vector<std::string>{"hashing r1: no salt", "failed",
                                      "hashing r2: an object was thrown that is not an exception", "failed"}),
            lines.first(4));
  pool.join();
  EXPECT_EQ(2U, pool.ends(JobEnd::failed));
}

TEST(JobPool, OutlivesAReportThatThrows) {
  Lines lines;
  JobPool pool({.name = "hashing", .threads = 1, .running_each = 1, .jobs_max = 1, .jobs_each = 1},
               [](const JobFault&) { throw std::runtime_error("the log is full"); });
  EXPECT_TRUE(pool.add(
      {}, [](LimitedWork&) -> JobEnd { throw std::runtime_error("no salt"); },
      [&](JobEnd end) { lines.add(std::string(name_of(end))); }));
  EXPECT_EQ(std::vector<std::string>{"failed"}, lines.first(1));
}

}  // namespace
}  // namespace packwalk
