// Uploads that could not be committed, set aside in files of their own in the journal's folder.
//
// A file NUMBER.SEED.dead has records like a segment, without gaps. The payload of a record: u32 size of the reason,
// the reason, the upload (core/packet/upload_record.h).
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

/// The dead letters of a running server. One thread at a time.
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

/// Reads a file's letters in order. Returns whether all of it could be read.
Result<bool> read_dead_letters(const std::string& path, const SegmentName& name,
                               const std::function<void(DeadLetter)>& take);

/// Reads all dead letters that wait for the operator. Returns their number.
Result<std::size_t> each_dead_letter(const std::string& folder, const std::function<void(DeadLetter)>& take);

/// Requeues them: a server takes them, immediately if it runs, otherwise when it starts. Renames their files, so a
/// crash neither loses nor duplicates letters. Returns their number.
Result<std::size_t> requeue_dead_letters(const std::string& folder);

/// Deletes them and returns their number. Requeued letters stay, because they belong to the queue.
Result<std::size_t> purge_dead_letters(const std::string& folder);

/// Reads requeued letters that no server has taken yet.
Result<std::size_t> count_requeued_letters(const std::string& folder);

/// Deletes these and returns their number. No server may have the folder open: it might be about to take them.
Result<std::size_t> purge_requeued_letters(const std::string& folder);

}  // namespace packwalk::journal
