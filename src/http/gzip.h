// Content-Encoding: gzip.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// The greatest ratio of unpacked to packed bytes, beyond the first `unpacked_bytes_free`. Real packets never reach it.
inline constexpr std::size_t gzip_ratio_max = 100;
inline constexpr std::size_t unpacked_bytes_free = std::size_t{64} * 1024;

/// Errc::too_large: the result would exceed `bytes_max` or the ratio; unpacking stops there. Errc::invalid_input: it is
/// not a complete gzip stream; then `readable`, if given, receives the readable part.
Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max, std::string* readable = nullptr);

/// The same for a file: any ratio is allowed, and zeros may follow, as on tapes; gzip(1) ignores them too.
Result<std::string> gunzip_file(std::string_view packed, std::size_t bytes_max, std::string* readable = nullptr);

/// Whether the bytes begin like a gzip stream. No other format of devices begins so.
bool looks_like_gzip(std::string_view bytes);

/// All of `bytes` in gzip, at a high compression level. Throws std::bad_alloc.
std::string gzip(std::string_view bytes);

/// Writes one gzip file piece by piece. One thread at a time.
class GzipStream {
 public:
  /// Memory of a stream, independent of its content (zlib's zconf.h: windowBits 15, memLevel 8).
  static constexpr std::size_t memory_bytes = std::size_t{256} * 1024;

  /// `level`: 1 is the fastest, 9 compresses best. Throws std::bad_alloc.
  explicit GzipStream(int level);
  ~GzipStream();

  /// Compresses a piece. The returned bytes so far suffice to unpack all of it.
  std::string add(std::string_view bytes);
  /// Compresses the last piece and ends the file.
  std::string finish(std::string_view bytes);

 private:
  std::string pack(std::string_view bytes, int flush);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace packwalk
