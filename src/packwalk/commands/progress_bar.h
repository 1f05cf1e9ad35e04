// Shows the progress of long work: a bar on a terminal, otherwise a line every few seconds.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

namespace packwalk {

/// Prints the count, share, rate and remaining time to standard error.
class ProgressBar {
 public:
  /// `things` names the counted things, such as "packets".
  explicit ProgressBar(std::string things) : things_(std::move(things)) {}

  void show(std::size_t done, std::size_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000));
    const double seconds = std::chrono::duration<double>(now - started_).count();
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    const double share = all > 0 ? static_cast<double>(done) / static_cast<double>(all) : 1;
    const double left = rate > 0 ? static_cast<double>(all - done) / rate : 0;
    constexpr std::size_t width = 30;
    const auto filled = static_cast<std::size_t>(share * width);
    const std::string bar = std::string(filled, '#') + std::string(width - filled, '.');
    std::fprintf(stderr,
                 terminal_ ? "\r[%s] %zu of %zu %s, %.0f %%, %.0f/s, %.0f s left "
                           : "%s%zu of %zu %s, %.0f %%, %.0f/s, %.0f s left\n",
                 terminal_ ? bar.c_str() : "", done, all, things_.c_str(), share * 100, rate, left);
    shown_ = true;
  }
  void end() const {
    if (terminal_ && shown_) std::fputc('\n', stderr);
  }

 private:
  const std::string things_;
  const bool terminal_ = isatty(STDERR_FILENO) == 1;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = started_ + std::chrono::milliseconds(terminal_ ? 0 : 2000);
  bool shown_ = false;
};

}  // namespace packwalk
