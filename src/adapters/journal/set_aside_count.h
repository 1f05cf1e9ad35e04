// Counts dead letters and damaged files in the journal's folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "adapters/journal/segment.h"
#include "ports/packet_queue.h"

namespace packwalk::journal {

/// Reads a file of dead letters only if its size has changed, so it can count every second. One thread at a time.
/// Changes of files during a count appear in the next one.
class SetAsideCount {
 public:
  explicit SetAsideCount(std::string folder) : folder_(std::move(folder)) {}

  Result<QueueDepth::SetAside> count();
  /// Makes the next count read all files, because letters of an erased device were overwritten.
  void forget() { files_.clear(); }

 private:
  struct File {
    std::uintmax_t bytes = 0;
    std::size_t letters = 0;
  };

  const std::string folder_;
  std::map<std::string, File> files_;  // by path
};

}  // namespace packwalk::journal
