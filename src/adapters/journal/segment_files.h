// The files of the journal: one is current, and ended ones are reused when all their records are settled.
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

  /// Adds a file of a previous process, with the end of its records. Call it in the order of numbers. A `kept` file is
  /// not freed here, because it could not be moved aside.
  void found(const SegmentName& name, std::size_t end, bool kept);

  /// The segment for a record of `size` bytes. Ends the current one if it has no room for it.
  Result<Segment*> with_room(std::size_t size);
  /// The end of the previous segment.
  std::uint32_t previous_end() const { return previous_end_; }

  /// Ends the current segment, also after a failed write: its content is unknown, so no more is written to it.
  void end_current();

  /// Frees the ended segments for which `is_settled` is true.
  void free_settled(const std::function<bool(SegmentNumber)>& is_settled);

  void remove_spares();

 private:
  Result<Segment> next_segment(std::size_t size);

  std::string folder_;
  SegmentNumber next_number_ = 1;
  std::optional<Segment> current_;
  std::uint32_t previous_end_ = 0;
  std::uint32_t last_end_ = 0;  // of the last current segment
  struct Ended {
    std::string path;
    std::optional<Segment> segment;  // empty: of a previous process
  };
  std::multimap<SegmentNumber, Ended> ended_;
  std::vector<Segment> spare_;
};

}  // namespace packwalk::journal
