#include "base/work_limits.h"

#include <algorithm>
#include <utility>

namespace packwalk {
namespace {

thread_local LimitedWork* innermost = nullptr;

}  // namespace

LimitedWork::LimitedWork(WorkLimits limits) : limits_(std::move(limits)), outer_(innermost) {
  if (outer_) limits_.deadline = std::min(limits_.deadline, outer_->limits_.deadline);
  innermost = this;
}

LimitedWork::~LimitedWork() { innermost = outer_; }

bool LimitedWork::must_end() {
  if (ended_ == WorkEnd::none && limits_.gone.stop_requested()) ended_ = WorkEnd::gone;
  if (ended_ == WorkEnd::none && std::chrono::steady_clock::now() >= limits_.deadline) ended_ = WorkEnd::late;
  return ended_ != WorkEnd::none;
}

const WorkLimits& work_limits() {
  static const WorkLimits none;
  return innermost ? innermost->limits() : none;
}

bool work_must_end() { return innermost && innermost->must_end(); }

Failure work_ended() { return fail(Errc::unavailable, "cancelled: it took too long, or its caller is gone"); }

}  // namespace packwalk
