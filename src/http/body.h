// The body of a response: a string, a file that all responses share, or pieces that are produced while it is sent.
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
/// Errc::overloaded: retry in a moment. Any other error: the rest of the body cannot be produced.
using TakePiece = std::function<void(Result<BodyPiece>)>;

/// A body that is produced piece by piece, so that it may have any length. The server requests the next piece when it
/// has written the previous one, and stops when the caller is gone.
class BodySource {
 public:
  /// The approximate greatest size of a piece, and so the memory of a response.
  static constexpr std::size_t piece_bytes_max = std::size_t{512} * 1024;

  virtual ~BodySource() = default;
  /// Must not block. Calls `take` once, from any thread. The server calls it again only after `take` was called.
  virtual void next(TakePiece take) = 0;
  /// The memory that it holds between two pieces. Called on the thread of the connection, while no piece is requested.
  virtual std::size_t held_bytes() const { return 0; }
};

/// A body of unknown length: its beginning, and the source of the rest.
struct StreamedBody {
  std::string first;
  std::shared_ptr<BodySource> rest;  // never null
};

/// A file that is the same for every caller. Memory holds it once for all connections.
struct StaticFile {
  std::shared_ptr<const std::string> bytes;
  std::shared_ptr<const std::string> gzip_bytes;  // null: gzip does not make it smaller
  std::string etag;
};

using Body = std::variant<std::string, StaticFile, StreamedBody>;

}  // namespace packwalk
