// The body of a response: a string, a file that all responses share, or pieces that are made while it is sent.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/result.h"

namespace packwalk {

/// A piece of a body.
struct BodyPiece {
  std::string bytes;
  bool is_last = false;
};
/// Errc::overloaded: the piece may be asked for again in a moment. Any other error: the rest of the body cannot be
/// made.
using TakePiece = std::function<void(Result<BodyPiece>)>;

/// A body that is made piece by piece, so that it may have any length. The server asks for the next piece when it has
/// written the one before, and for no more once the caller is gone.
class BodySource {
 public:
  /// About the size of a piece at most; the memory that a response takes.
  static constexpr std::size_t piece_bytes_max = std::size_t{512} * 1024;

  virtual ~BodySource() = default;
  /// Must not block. Calls `take` once, from any thread. Never called before the piece asked for has come.
  virtual void next(TakePiece take) = 0;
  /// Memory that it holds between two pieces. Called on the thread of the connection, when no piece is asked for.
  virtual std::size_t held_bytes() const { return 0; }
};

/// A body whose length is not known yet: its beginning, and what makes the rest.
struct StreamedBody {
  std::string first;
  std::shared_ptr<BodySource> rest;  // never null
};

/// A file that is the same for every caller. It is in memory once, however many connections send it.
struct StaticFile {
  std::shared_ptr<const std::string> bytes;
  std::shared_ptr<const std::string> gzip_bytes;  // null: gzip makes it no smaller
  std::string etag;
};

using Body = std::variant<std::string, StaticFile, StreamedBody>;

}  // namespace packwalk
