#include "http/static_file.h"

#include <utility>

#include "http/conditional.h"
#include "http/content_coding.h"
#include "http/gzip.h"

namespace packwalk {

StaticFile make_static_file(std::string bytes, std::string_view content_type) {
  StaticFile file{.bytes = nullptr, .gzip_bytes = nullptr, .etag = weak_etag_of(bytes)};
  if (bytes.size() >= gzip_bytes_min && is_text_type(content_type)) {
    auto packed = std::make_shared<const std::string>(gzip(bytes));
    if (packed->size() < bytes.size()) file.gzip_bytes = std::move(packed);
  }
  file.bytes = std::make_shared<const std::string>(std::move(bytes));
  return file;
}

}  // namespace packwalk
