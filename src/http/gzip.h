// Content-Encoding: gzip.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// What no sender's packets reach: so much may come out of each packed byte, beyond the first `unpacked_bytes_free`.
inline constexpr std::size_t gzip_ratio_max = 100;
inline constexpr std::size_t unpacked_bytes_free = std::size_t{64} * 1024;

/// Errc::too_large when more than `bytes_max` would come out, or more than the ratio allows (nothing beyond is
/// unpacked); Errc::invalid_input when it is no whole gzip stream: then `readable`, where given, is what came out.
Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max, std::string* readable = nullptr);

/// The same of a file: of any ratio, and zeros may follow, as behind files on a tape, which gzip(1) ignores too.
Result<std::string> gunzip_file(std::string_view packed, std::size_t bytes_max, std::string* readable = nullptr);

/// Whether the bytes begin as every gzip stream does, and as nothing else that devices send.
bool looks_like_gzip(std::string_view bytes);

/// All of `bytes`, packed well. Throws std::bad_alloc.
std::string gzip(std::string_view bytes);

/// One gzip file, made piece by piece. One thread at a time.
class GzipStream {
 public:
  /// Memory of a stream, whatever goes through it (zlib's zconf.h: windowBits 15, memLevel 8).
  static constexpr std::size_t memory_bytes = std::size_t{256} * 1024;

  /// `level`: 1 is the fastest, 9 packs best. Throws std::bad_alloc.
  explicit GzipStream(int level);
  ~GzipStream();

  /// Packs a piece. All of it can be unpacked from what was returned so far.
  std::string add(std::string_view bytes);
  /// Packs the last piece and ends the file.
  std::string finish(std::string_view bytes);

 private:
  std::string pack(std::string_view bytes, int flush);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace packwalk
