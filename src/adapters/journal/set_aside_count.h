// Counts what was set aside in the journal's folder: dead letters, damaged files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "adapters/journal/segment.h"
#include "ports/packet_queue.h"

namespace packwalk::journal {

/// Reads a file of dead letters only when its size has changed, so it can count every second. One thread at a time;
/// files may grow, come and go meanwhile, and count the next time.
class SetAsideCount {
 public:
  explicit SetAsideCount(std::string folder) : folder_(std::move(folder)) {}

  Result<QueueDepth::SetAside> count();
  /// The next count reads all files: letters of an erased device were overwritten.
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
