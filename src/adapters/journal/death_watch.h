// Counts how often the process died while what a process before had left was not yet committed: a delivery that kills
// whoever commits it must not do so for ever.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk::journal {

/// One thread at a time.
class DeathWatch {
 public:
  /// Reads what the process before noted in the folder.
  explicit DeathWatch(std::string folder);

  /// Whether the process before ended without a word.
  bool died() const { return starts_ > 0; }

  /// That this process runs, and whether something was left to it. On disk when it returns.
  Result<void> begin(bool something_left);

  /// Whether so many processes died before what was left was committed that it is given out one by one.
  bool is_cautious() const { return starts_ > starts_trusted; }

  /// The process died too often with this record in hand.
  bool is_deadly(std::string_view record) const;

  /// It is about to be committed. On disk when it returns.
  Result<void> take_in_hand(std::string_view record);
  /// The attempt is over, however it ended, and the process lives. On disk when it returns.
  Result<void> put_down();

  /// What was left is committed.
  Result<void> all_committed();
  /// The process ends as it should.
  void end();

 private:
  static constexpr int starts_trusted = 3;
  static constexpr int deaths_max = 3;

  Result<void> write() const;
  std::string path() const { return folder_ + "/deaths"; }

  const std::string folder_;
  int starts_ = 0;             // in a row, none of which ended properly or committed what was left; this one counts
  std::uint64_t in_hand_ = 0;  // hash of a record; 0: none
  std::uint64_t suspect_ = 0;  // what the last process that died had in hand
  int deaths_ = 0;             // of processes that had the suspect in hand, without another one between
};

}  // namespace packwalk::journal
