// Counts how often the process died while what a process before had left was not yet committed: an upload that kills
// whoever commits it must not do so for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk::journal {

/// One thread at a time. What it notes survives the process, which is all that it must: when the power goes, nobody
/// died of an upload. So nothing waits for the disk.
class DeathWatch {
 public:
  /// Reads what the process before noted in the folder.
  explicit DeathWatch(std::string folder);
  DeathWatch(const DeathWatch&) = delete;
  DeathWatch& operator=(const DeathWatch&) = delete;
  ~DeathWatch();

  /// Whether the process before ended without a word.
  bool died() const { return starts_ > 0; }

  /// That this process runs, and whether something was left to it.
  Result<void> begin(bool something_left);

  /// How many uploads that were left may be committed together: the fewer, the more processes died before all of
  /// them were. One, and it should be noted which one it is.
  std::size_t uploads_max() const;

  /// The process died too often with this record in hand.
  bool is_deadly(std::string_view record) const;

  /// It is about to be committed.
  Result<void> take_in_hand(std::string_view record);
  /// The attempt is over, however it ended, and the process lives.
  Result<void> put_down();

  /// What was left is committed.
  Result<void> all_committed();
  /// The process ends as it should.
  void end();

 private:
  static constexpr int deaths_max = 4;

  Result<void> write();

  const std::string path_;
  int file_ = -1;
  int starts_ = 0;             // in a row, none of which ended properly or committed what was left; this one counts
  std::uint64_t in_hand_ = 0;  // hash of a record; 0: none
  std::uint64_t suspect_ = 0;  // what the last process that died had in hand
  int deaths_ = 0;             // of processes that had the suspect in hand, without another one between
};

}  // namespace packwalk::journal
