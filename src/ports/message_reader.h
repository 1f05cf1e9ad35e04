// Port: reads the messages of a device. Contract: tests/contract/query_store_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.h"
#include "core/packet/stored_message.h"

namespace packwalk {

/// Thread-safe; calls block, and never block a writer. Errc::unavailable: try again.
class MessageReader {
 public:
  virtual ~MessageReader() = default;

  /// Messages that arrived after `after`, in the order of arrival, of one verdict or all: at most `limit`, or fewer,
  /// but at least one, if they fill a MessagePage. Empty at the end.
  virtual Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                                      MessageCursor after, std::size_t limit) = 0;
};

/// A page of messages ends with the message that reaches this many bytes of content, because each may be a body of some
/// megabytes.
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
