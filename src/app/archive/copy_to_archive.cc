#include "app/archive/copy_to_archive.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace packwalk {
namespace {

constexpr std::chrono::milliseconds usual_pause{1000};
constexpr std::chrono::milliseconds pause_max{60'000};
constexpr int doublings_max = 6;

}  // namespace

std::chrono::milliseconds CopyToArchive::step(ServerTime now, double chance) {
  Result<bool> more;
  try {
    more = copy(now);
  } catch (const std::exception& error) {  // for example, memory ran out
    more = fail(Errc::unavailable, std::string("a piece could not be copied: ") + error.what());
  }
  const std::lock_guard lock(mutex_);
  if (more) {
    failures_in_a_row_ = 0;
    levels_.trouble.clear();
    return *more ? std::chrono::milliseconds(0) : usual_pause;
  }
  ++levels_.failures;
  levels_.trouble = more.error().detail;
  failures_in_a_row_ = std::min(failures_in_a_row_ + 1, doublings_max);
  const auto pause = std::min(usual_pause * (1 << failures_in_a_row_), pause_max);
  return std::chrono::duration_cast<std::chrono::milliseconds>(pause * (0.5 + chance / 2));
}

Result<bool> CopyToArchive::copy(ServerTime now) {
  const auto backlog = source_.backlog();
  if (!backlog) return backlog.failure();
  {
    const std::lock_guard lock(mutex_);
    levels_.backlog = *backlog;
  }
  const bool large = backlog->messages >= static_cast<std::int64_t>(rules_.piece.messages);
  // A message that arrived while a clock was wrong may have a time in the future.
  const bool old = backlog->oldest && (now - *backlog->oldest >= rules_.age_max || *backlog->oldest > now);
  if (!large && !old) return false;
  const auto copied =
      source_.copy_next(rules_.piece, [this](std::span<const Original> originals) { return archive_.keep(originals); });
  if (!copied) return copied.failure();
  if (!*copied) return false;  // another process does it
  const std::lock_guard lock(mutex_);
  levels_.copied += **copied;
  return large;
}

CopyLevels CopyToArchive::levels() const {
  const std::lock_guard lock(mutex_);
  return levels_;
}

}  // namespace packwalk
