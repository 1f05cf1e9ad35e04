#include "collars/replay_run.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <utility>

#include "collars/uploads.h"
#include "http/gzip.h"

namespace packwalk {
namespace {

using Clock = std::chrono::steady_clock;
using Ending = UploadOutcome::Ending;

constexpr std::chrono::milliseconds report_interval{200};
constexpr std::size_t waiting_max = 100'000;  // packets that are due and not yet under way

class ReplayRun {
 public:
  ReplayRun(const ReplayPlan& plan, CollarClient& client, replay::ReplayTally& tally)
      : recording_(plan.recording),
        sends_(plan.sends),
        tokens_(plan.tokens),
        rules_(plan.rules),
        tally_(tally),
        uploads_(client, plan.rules.give_up),
        devices_(plan.recording.devices.size()) {
    assert(tally.devices.size() == devices_.size());
  }

  void run(const ReplayWatch& watch) {
    started_ = Clock::now();
    auto next_report = started_;
    while (next_ < sends_.size() || waiting_ > 0 || uploads_.under_way() > 0) {
      if (watch.stopped()) {
        stop();
        break;
      }
      take_due(Clock::now());
      start_uploads();
      if (Clock::now() >= next_report) {
        watch.report({done_, sends_.size()});
        next_report = Clock::now() + report_interval;
      }
      const bool timed = rules_.speed > 0 && next_ < sends_.size();
      uploads_.work_until(timed ? std::min(next_report, time_of(sends_[next_])) : next_report);
    }
    watch.report({done_, sends_.size()});
  }

 private:
  struct Device {
    std::deque<std::size_t> waiting;  // rows
    bool busy = false;                // has a request under way
    bool ready = false;               // is among the ready ones
  };

  Clock::time_point time_of(const replay::Send& send) const {
    const double seconds = (send.at - sends_.front().at) / rules_.speed;
    constexpr double century = 3.2e9;
    return started_ + std::chrono::duration_cast<Clock::duration>(
                          std::chrono::duration<double>(std::clamp(seconds, 0.0, century)));
  }

  void take_due(Clock::time_point now) {
    for (; next_ < sends_.size() && waiting_ < waiting_max; ++next_) {
      if (rules_.speed > 0 && time_of(sends_[next_]) > now) return;
      const std::size_t row = sends_[next_].row;
      const std::size_t device = recording_.rows[row].device;
      devices_[device].waiting.push_back(row);
      ++waiting_;
      make_ready(device);
    }
  }

  void make_ready(std::size_t index) {
    Device& device = devices_[index];
    if (device.busy || device.ready || device.waiting.empty()) return;
    device.ready = true;
    ready_.push_back(index);
  }

  void start_uploads() {
    while (!ready_.empty() && uploads_.under_way() < rules_.connections) {
      const std::size_t index = ready_.front();
      ready_.pop_front();
      devices_[index].ready = false;
      start_upload(index);
    }
  }

  void start_upload(std::size_t index) {
    Device& device = devices_[index];
    std::vector<RawTrack> packets;
    const std::size_t count = std::min(rules_.batch, device.waiting.size());
    packets.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      packets.push_back(recording_.rows[device.waiting.front()].packet);
      device.waiting.pop_front();
    }
    waiting_ -= count;
    device.busy = true;
    std::string body = replay::body_of(rules_.form, packets);
    if (rules_.gzip) body = gzip(body);
    ++tally_.requests;
    uploads_.send({.token = tokens_.at(recording_.devices[index].text()),
                   .content_type = std::string(replay::media_type_of(rules_.form)),
                   .gzip = rules_.gzip,
                   .body = std::move(body)},
                  [this, index, count](const UploadOutcome& outcome) { take_outcome(index, count, outcome); });
  }

  void take_outcome(std::size_t index, std::size_t count, const UploadOutcome& outcome) {
    const auto packets = static_cast<std::int64_t>(count);
    replay::Tally& tally = tally_.devices[index].tally;
    tally_.busy_answers += outcome.busy_answers;
    tally_.lost_answers += outcome.lost_answers;
    tally.unsure += packets * outcome.lost_answers;
    switch (outcome.ending) {
      case Ending::answered: {
        tally.sent += packets;
        const auto taken = replay::taken_from(outcome.body);
        tally.taken += taken ? taken->taken : 0;
        tally.invalid += taken ? taken->invalid : 0;
        if (!taken) note_trouble("the answer is not from Packwalk: " + outcome.body.substr(0, 200));
        break;
      }
      case Ending::refused:
        tally.refused += packets;
        note_trouble(outcome.trouble);
        break;
      case Ending::given_up:
        tally.given_up += packets;
        note_trouble(outcome.trouble);
        break;
    }
    done_ += count;
    devices_[index].busy = false;
    make_ready(index);
  }

  void note_trouble(const std::string& trouble) {
    constexpr std::size_t troubles_max = 10;
    auto& all = tally_.troubles;
    if (all.size() < troubles_max && std::find(all.begin(), all.end(), trouble) == all.end()) all.push_back(trouble);
  }

  void stop() {
    tally_.interrupted = true;
    uploads_.stop();
    // The client's own time-outs bound this.
    while (uploads_.under_way() > 0) uploads_.work_until(Clock::now() + report_interval);
  }

  const replay::Recording& recording_;
  const std::span<const replay::Send> sends_;
  const DeviceTokens& tokens_;
  const ReplayRules& rules_;
  replay::ReplayTally& tally_;
  CollarUploads uploads_;
  std::vector<Device> devices_;
  std::deque<std::size_t> ready_;
  std::size_t next_ = 0;     // of sends_
  std::size_t waiting_ = 0;  // packets in all devices
  std::size_t done_ = 0;
  Clock::time_point started_;
};

}  // namespace

void run_replay(const ReplayPlan& plan, CollarClient& client, const ReplayWatch& watch, replay::ReplayTally& tally) {
  ReplayRun(plan, client, tally).run(watch);
}

}  // namespace packwalk
