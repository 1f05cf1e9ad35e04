#include "collars/simulate_live.h"

#include <algorithm>
#include <deque>
#include <thread>

#include "town/town_stream.h"

namespace packwalk {
namespace {

using std::chrono::microseconds;

constexpr std::chrono::seconds before_retry(5);
constexpr std::chrono::milliseconds nap(400);
constexpr std::size_t waiting_packets_max = 1'000'000;

class LiveRun {
 public:
  LiveRun(const town::Town& town, double speed, UploadSink& sink, const LiveTime& time)
      : town_(town), speed_(speed), sink_(sink), time_(time), world_start_(time.now()) {}

  LiveTally run(const std::function<void(const LiveTally&)>& report) {
    town::TownStream stream(town_);
    town::TownMinutes minutes;
    tally_.until = town_.options().start;
    while (!time_.stopped() && stream.next(minutes)) {
      for (town::Upload& upload : minutes.uploads) {
        if (!wait_until(world_time(upload.send_time))) break;
        tally_.until = std::max(tally_.until, std::chrono::floor<std::chrono::seconds>(upload.send_time));
        offer(std::move(upload));
      }
      wait_until(world_time(minutes.until));
      if (report) report(tally_);
    }
    tally_.until = std::min(tally_.until, town_.end());
    while (!waiting_.empty() && wait_until(waiting_.front().again)) offer_again();
    for (const Waiting& one : waiting_) tally_.given_up += one.upload.packets.size();
    if (const auto finished = sink_.finish(); !finished) tally_.trouble = finished.error().detail;
    return tally_;
  }

 private:
  struct Waiting {
    ServerTime again;
    town::Upload upload;
  };

  ServerTime world_time(ServerTime town_time) const {
    const auto passed = std::chrono::duration<double, std::micro>(town_time - ServerTime(town_.options().start));
    return world_start_ + microseconds(static_cast<std::int64_t>(passed.count() / speed_));
  }

  // False when it was stopped before.
  bool wait_until(ServerTime until) {
    while (!time_.stopped()) {
      offer_again();
      const ServerTime now = time_.now();
      if (now >= until) return true;
      time_.sleep_until(std::min(until, now + nap));
    }
    return false;
  }

  void offer_again() {
    for (std::size_t left = waiting_.size(); left > 0 && waiting_.front().again <= time_.now(); --left) {
      town::Upload upload = std::move(waiting_.front().upload);
      waiting_packets_ -= upload.packets.size();
      waiting_.pop_front();
      offer(std::move(upload));
    }
  }

  void offer(town::Upload upload) {
    const std::size_t packets = upload.packets.size();
    const auto sent = sink_.send(town_.device_id(upload.dog), upload.packets);
    if (sent) {
      ++tally_.uploads;
      tally_.packets += packets;
    } else if (sent.error().code == Errc::unavailable || sent.error().code == Errc::overloaded) {
      ++tally_.repeated;
      waiting_.push_back({time_.now() + before_retry, std::move(upload)});
      waiting_packets_ += packets;
      while (waiting_packets_ > waiting_packets_max) give_up_oldest();
    } else {
      tally_.given_up += packets;
    }
  }

  void give_up_oldest() {
    const std::size_t packets = waiting_.front().upload.packets.size();
    waiting_packets_ -= packets;
    tally_.given_up += packets;
    waiting_.pop_front();
  }

  const town::Town& town_;
  double speed_;
  UploadSink& sink_;
  const LiveTime& time_;
  ServerTime world_start_;
  LiveTally tally_;
  std::deque<Waiting> waiting_;  // by the time to offer them again
  std::size_t waiting_packets_ = 0;
};

}  // namespace

LiveTime real_time(std::function<bool()> stopped) {
  return {[] { return std::chrono::floor<microseconds>(std::chrono::system_clock::now()); },
          [](ServerTime until) { std::this_thread::sleep_until(until); }, std::move(stopped)};
}

LiveTally run_live(const town::Town& town, double speed, UploadSink& sink, const LiveTime& time,
                   const std::function<void(const LiveTally&)>& report) {
  return LiveRun(town, speed, sink, time).run(report);
}

}  // namespace packwalk
