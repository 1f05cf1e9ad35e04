// Content-Encoding: gzip.
#pragma once

#include <cstddef>
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

/// For collars and tests.
std::string gzip(std::string_view bytes);

}  // namespace packwalk
