#include "adapters/sqlite/writer_turns.h"

#include <thread>
#include <utility>

namespace packwalk::sql {
namespace {

constexpr std::chrono::milliseconds pause_min{1};
constexpr std::chrono::milliseconds pause_max{64};

}  // namespace

bool WriterTurns::take(std::chrono::milliseconds patience, Waiting waiting) {
  if (waiting == Waiting::gives_way && take_between_others()) return true;
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = ++last_ticket_;
  line_.push_back(ticket);
  const bool is_its_turn = ended_.wait_for(lock, patience, [&] { return !taken_ && line_.front() == ticket; });
  std::erase(line_, ticket);
  if (is_its_turn) taken_ = true;
  return is_its_turn;
}

bool WriterTurns::take_between_others() {
  for (auto pause = pause_min; pause <= pause_max; pause *= 2) {
    if (take_free()) return true;
    std::this_thread::sleep_for(pause);
  }
  return false;
}

bool WriterTurns::take_free() {
  const std::lock_guard lock(mutex_);
  return line_.empty() && !std::exchange(taken_, true);
}

std::size_t WriterTurns::in_line() const {
  const std::lock_guard lock(mutex_);
  return line_.size();
}

void WriterTurns::end() {
  {
    const std::lock_guard lock(mutex_);
    taken_ = false;
  }
  ended_.notify_all();
}

}  // namespace packwalk::sql
