#include "http/request_counts.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace packwalk {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Route route(std::string_view pattern, Method method = Method::get) {
  return {.methods = {method}, .pattern = pattern, .handler = nullptr};
}

TEST(RequestCounts, AreByRouteAndStatus) {
  RequestCounts counts;
  const auto observe = counts.observer_of({route("/b"), route("/a"), route("/a", Method::post)});
  for (const int status : {202, 202, 401, 503}) observe({.pattern = "/a", .status = status, .took = milliseconds(3)});
  observe({.pattern = "", .status = 400});
  observe({.pattern = "/of nobody", .status = 404});
  const auto all = counts.all();
  ASSERT_EQ(3U, all.size());
  EXPECT_EQ((std::map<int, std::uint64_t>{{400, 1}, {404, 1}}), all[0].by_status);
  EXPECT_EQ("/a", all[1].pattern);
  EXPECT_EQ((std::map<int, std::uint64_t>{{202, 2}, {401, 1}, {503, 1}}), all[1].by_status);
  EXPECT_TRUE(all[2].by_status.empty());
}

TEST(RequestCounts, HaveTimesByClassOfStatus) {
  RequestCounts counts;
  const auto observe = counts.observer_of({route("/a")});
  for (const auto after : {microseconds(0), microseconds(500), microseconds(501), microseconds(30'000'000)}) {
    observe({.pattern = "/a", .status = 200, .took = after});
  }
  observe({.pattern = "/a", .status = 503, .took = milliseconds(-1)});
  observe({.pattern = "/a", .status = 200});
  const auto all = counts.all();
  const RequestCounts::Times& fine = all[1].by_class[1];
  EXPECT_EQ(4U, fine.count()) << "one has no head, and so no time";
  EXPECT_EQ(2U, fine.counts.front()) << "a bound belongs to its bucket";
  EXPECT_EQ(1U, fine.counts[1]);
  EXPECT_EQ(1U, fine.counts.back());
  EXPECT_NEAR(30.001001, fine.seconds, 1e-9);
  EXPECT_EQ(1U, all[1].by_class[4].counts.front());
  EXPECT_EQ(0, all[1].by_class[4].seconds);
}

TEST(RequestCounts, OfSeveralListenersAreSummed) {
  RequestCounts counts;
  const auto one = counts.observer_of({route("/healthz")});
  const auto other = counts.observer_of({route("/healthz"), route("/metrics")});
  one({.pattern = "/healthz", .status = 200});
  other({.pattern = "/healthz", .status = 200});
  EXPECT_EQ(2U, counts.all()[1].by_status.at(200));
}

TEST(RequestCounts, LoseNoneOfManyThreads) {
  RequestCounts counts;
  const auto observe = counts.observer_of({route("/a")});
  const auto work = [&observe] {
    for (int i = 0; i < 20'000; ++i) observe({.pattern = "/a", .status = 200 + i % 5, .took = microseconds(i % 3000)});
  };
  std::thread other(work);
  work();
  other.join();
  const auto all = counts.all();
  ASSERT_EQ(5U, all[1].by_status.size());
  for (const auto& [status, count] : all[1].by_status) EXPECT_EQ(8'000U, count) << status;
  EXPECT_EQ(40'000U, all[1].by_class[1].count());
}

}  // namespace
}  // namespace packwalk
