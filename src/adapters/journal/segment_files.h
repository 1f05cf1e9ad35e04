// The files of the journal: one is appended to; those that ended are used again when all in them is settled.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/journal/segment.h"

namespace packwalk::journal {

/// One thread.
class SegmentFiles {
 public:
  explicit SegmentFiles(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }

  /// A file of the process before.
  void found(SegmentNumber number);

  /// The segment into which a record of `size` bytes goes; ends the current one when it has no room for it.
  Result<Segment*> with_room(std::size_t size);

  /// Also after a write that failed: nobody knows what stands in the file, so it gets nothing more.
  void end_current();

  /// Frees the ended segments of which `is_settled` says that all in them is settled.
  void free_settled(const std::function<bool(SegmentNumber)>& is_settled);

  void remove_spares();

 private:
  void remove_file(SegmentNumber number) const;
  Result<Segment> next_segment(std::size_t size);

  std::string folder_;
  SegmentNumber next_number_ = 1;
  std::optional<Segment> current_;
  std::map<SegmentNumber, std::optional<Segment>> ended_;
  std::vector<Segment> spare_;
};

}  // namespace packwalk::journal
