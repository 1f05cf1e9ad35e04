#include "adapters/journal/letter_writer.h"

#include <chrono>
#include <exception>
#include <utility>

#include "base/time_text.h"

namespace packwalk::journal {

LetterWriter::LetterWriter(const std::string& folder, SharedUploads& uploads, TellFinding tell)
    : uploads_(uploads), tell_(std::move(tell)), letters_(folder) {}

Result<void> LetterWriter::write(const Upload& upload, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (uploads_.is_erased(upload.device)) return {};
  Result<void> done;
  try {
    done = letters_.add(upload, why);
  } catch (const std::exception& error) {
    done = fail(Errc::unavailable, error.what());
  }
  if (!done) return done;
  uploads_.count_dead_letter();
  tell_({Severity::doubtful, "dead letters",
         "an upload of device number " + std::to_string(upload.device.value) + " of " +
             iso_text(std::chrono::floor<std::chrono::seconds>(upload.received_at)) +
             " cannot be committed and is set aside: " + why,
         "list it with `packwalk queue list`, fix the cause, then requeue it with `packwalk queue requeue-dead`"});
  return {};
}

Result<void> LetterWriter::write_all(const UploadBatch& batch, const Error& why) {
  for (const Upload& upload : batch.uploads) {
    if (auto done = write(upload, why.detail); !done) {
      return fail(Errc::unavailable, why.detail + ", and it cannot be set aside: " + done.error().detail);
    }
  }
  return {};
}

}  // namespace packwalk::journal
