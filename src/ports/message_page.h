// How much of messages is read at once, wherever they are kept: each may be a whole body of some megabytes.
#pragma once

#include <cstddef>

namespace packwalk {

/// A page of messages ends with the message that reaches so many bytes of content.
inline constexpr std::size_t message_page_bytes = 4UL * 1024 * 1024;

/// Counts messages into a page.
class MessagePage {
 public:
  bool is_full() const { return bytes_ >= message_page_bytes; }
  void add(std::size_t content_bytes) { bytes_ += content_bytes; }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace packwalk
