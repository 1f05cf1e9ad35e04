#include "packwalk/archiver.h"

#include <spdlog/spdlog.h>

#include <random>
#include <utility>

namespace packwalk {

Archiver::Archiver(ArchiveParts parts, CopyRules rules, Clock& clock)
    : parts_(std::move(parts)),
      copying_(*parts_.source, *parts_.archive, rules),
      clock_(clock),
      thread_([this] { run(); }) {}

Archiver::~Archiver() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void Archiver::run() {
  std::minstd_rand random(std::random_device{}());
  std::uniform_real_distribution<double> chance(0, 1);
  std::string trouble;
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    const auto pause = copying_.step(clock_.now(), chance(random));
    const CopyLevels levels = copying_.levels();
    if (levels.trouble != trouble) {
      trouble = levels.trouble;
      if (trouble.empty()) {
        spdlog::info("event=archive_reached backlog={}", levels.backlog.messages);
      } else {
        spdlog::warn("event=archive_failed backlog={} error=\"{}\"", levels.backlog.messages, trouble);
      }
    }
    lock.lock();
    stopped_.wait_for(lock, pause, [this] { return stop_; });
  }
}

}  // namespace packwalk
