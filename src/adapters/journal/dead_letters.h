// Uploads that could not be committed, set aside in files of their own in the journal's folder.
//
// A file NUMBER.SEED.dead has records as a segment has, one after another and nothing between them. The payload of one:
// u32 bytes of the reason, the reason, the upload (core/packet/upload_record.h).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "adapters/journal/segment.h"
#include "ports/packet_queue.h"

namespace packwalk::journal {

struct DeadLetter {
  Upload upload;  // without its messages
  std::string why;
};

/// Those of a running server. One thread at a time.
class DeadLetters {
 public:
  explicit DeadLetters(std::string folder) : folder_(std::move(folder)) {}
  DeadLetters(const DeadLetters&) = delete;
  DeadLetters& operator=(const DeadLetters&) = delete;
  ~DeadLetters();

  /// On disk when this returns. Another process may have renamed or deleted the file that is written to.
  Result<void> add(const Upload& upload, std::string_view why);

 private:
  bool has_its_name() const;
  Result<void> begin_file();
  void close_file();

  const std::string folder_;
  int file_ = -1;
  SegmentName name_;
  std::size_t end_ = 0;
};

/// A file's letters, in their order. Returns whether all of it could be read.
Result<bool> read_dead_letters(const std::string& path, const SegmentName& name,
                               const std::function<void(DeadLetter)>& take);

/// All that wait for the operator. Returns how many.
Result<std::size_t> each_dead_letter(const std::string& folder, const std::function<void(DeadLetter)>& take);

/// A server, if one runs or when one starts, takes them again: by a new name of their files, so nothing is lost or
/// doubled whenever this ends. Returns how many.
Result<std::size_t> requeue_dead_letters(const std::string& folder);

/// Deletes them; returns how many there were. Those that were requeued stay: they belong to the queue.
Result<std::size_t> purge_dead_letters(const std::string& folder);

/// Those that were requeued and that no server has taken yet.
Result<std::size_t> count_requeued_letters(const std::string& folder);

/// Deletes these. Returns how many there were. No server may have the folder open: it may be about to take them.
Result<std::size_t> purge_requeued_letters(const std::string& folder);

}  // namespace packwalk::journal
