// Port: reads the messages of a device. Contract: tests/contract/query_store_test.cc.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "base/result.h"
#include "core/packet/stored_message.h"
#include "ports/paging.h"

namespace packwalk {

/// The messages between two cursors in the order of arrival, both excluded.
struct MessageSpan {
  MessageSpan() = default;
  MessageSpan(MessageCursor first, MessageCursor last = {ServerTime::max(), 0}) : after(first), before(last) {}
  /// Those that arrived in from <= t < until.
  static MessageSpan of_arrival(ServerTime from, ServerTime until) {
    constexpr std::uint32_t last_ordinal = std::numeric_limits<std::int32_t>::max();
    return {{from - std::chrono::microseconds(1), last_ordinal}, {until, 0}};
  }

  MessageCursor after{};
  MessageCursor before{ServerTime::max(), 0};
};

/// Thread-safe; calls block, and never block a writer. Errc::unavailable: try again.
class MessageReader {
 public:
  virtual ~MessageReader() = default;

  /// Messages of `span`, of one verdict or all, in the order of arrival or the opposite one: fewer than the limit of
  /// the page, but at least one, if they fill a MessagePage. Empty at the end.
  virtual Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                                      const MessageSpan& span, Paging page) = 0;
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
