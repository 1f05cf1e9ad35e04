// Counts crashes of the process before the uploads of an earlier process were committed, so that an upload that crashes
// the process does not do so forever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk::journal {

/// One thread at a time. Its notes must survive the process but not a power cut, which no upload causes. So it does not
/// flush.
class DeathWatch {
 public:
  /// Reads the notes of the previous process from the folder.
  explicit DeathWatch(std::string folder);
  DeathWatch(const DeathWatch&) = delete;
  DeathWatch& operator=(const DeathWatch&) = delete;
  ~DeathWatch();

  /// Whether the previous process crashed.
  bool died() const { return starts_ > 0; }

  /// Notes that this process runs, and whether uploads were left to it.
  Result<void> begin(bool something_left);

  /// The number of left uploads to commit together: it shrinks with each process that crashed before all were
  /// committed. If it is one, note which upload it is.
  std::size_t uploads_max() const;

  /// Whether the process crashed too often with this record in work.
  bool is_deadly(std::string_view record) const;

  /// The record is about to be committed.
  Result<void> take_in_hand(std::string_view record);
  /// The attempt has ended, and the process still runs.
  Result<void> put_down();

  /// All left uploads are committed.
  Result<void> all_committed();
  /// The process ends properly.
  void end();

 private:
  static constexpr int deaths_max = 4;

  Result<void> write();

  const std::string path_;
  int file_ = -1;
  int starts_ = 0;  // processes in a row that neither ended properly nor committed the left uploads, including this one
  std::uint64_t in_hand_ = 0;  // hash of a record; 0: none
  std::uint64_t suspect_ = 0;  // the record that the last crashed process had in work
  int deaths_ = 0;             // consecutive crashed processes with the suspect in work
};

}  // namespace packwalk::journal
