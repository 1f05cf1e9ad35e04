// Files that are the same for every caller, such as those of a web page.
#pragma once

#include <string>
#include <string_view>

#include "http/body.h"

namespace packwalk {

/// Holds `bytes` in memory once, with an ETag, and with their gzip form if `content_type` is text.
StaticFile make_static_file(std::string bytes, std::string_view content_type);

}  // namespace packwalk
