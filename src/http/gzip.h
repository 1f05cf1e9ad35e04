// Content-Encoding: gzip.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk {

/// Errc::too_large when more than `bytes_max` would come out (nothing beyond is unpacked); Errc::invalid_input when it
/// is no whole gzip stream.
Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max);

/// For collars and tests.
std::string gzip(std::string_view bytes);

}  // namespace packwalk
