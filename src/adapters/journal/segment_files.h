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

  /// A file of the process before, the greatest number last, and where its records end. One that is `kept` is not freed
  /// here, as it could not be kept aside.
  void found(const SegmentName& name, std::size_t end, bool kept);

  /// The segment into which a record of `size` bytes goes; ends the current one when it has no room for it.
  Result<Segment*> with_room(std::size_t size);
  /// Where the segment before that one ended.
  std::uint32_t previous_end() const { return previous_end_; }

  /// Also after a write that failed: nobody knows what stands in the file, so it gets nothing more.
  void end_current();

  /// Frees the ended segments of which `is_settled` says that all in them is settled.
  void free_settled(const std::function<bool(SegmentNumber)>& is_settled);

  void remove_spares();

 private:
  Result<Segment> next_segment(std::size_t size);

  std::string folder_;
  SegmentNumber next_number_ = 1;
  std::optional<Segment> current_;
  std::uint32_t previous_end_ = 0;
  std::uint32_t last_end_ = 0;  // of the segment that was the current one last
  struct Ended {
    std::string path;
    std::optional<Segment> segment;  // none: of the process before
  };
  std::multimap<SegmentNumber, Ended> ended_;
  std::vector<Segment> spare_;
};

}  // namespace packwalk::journal
