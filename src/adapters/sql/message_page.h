// Pages of messages, which are bounded by their bytes too.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "adapters/sql/sql_rows.h"
#include "ports/message_reader.h"

namespace packwalk::sql {

/// As Connection::query().
using AskRows = std::function<Result<void>(const char* statement, std::span<const Value> values,
                                           const std::function<void(const Row&)>& take)>;

/// The same rows twice, in the order of arrival: of `sizes` the bytes of the content, of `messages` the columns of
/// message_at(). The last parameter of both is how many at most.
struct MessageStatements {
  const char* sizes;
  const char* messages;
};

inline constexpr MessageStatements messages_of_device = {select_message_sizes, select_messages};

/// First queries how many messages fit, because a database sends all rows of a result. The last of `values` is the
/// limit. `read` is message_at(), or a reader of more columns.
inline Result<std::vector<StoredMessage>> message_page(const AskRows& ask, const MessageStatements& statements,
                                                       StoredMessage (*read)(const Row&), std::vector<Value> values,
                                                       std::size_t limit) {
  std::vector<StoredMessage> found;
  if (limit > 1) {
    std::size_t fit = 0;
    MessagePage page;
    values.back() = limit_cell(limit);
    auto asked = ask(statements.sizes, values, [&](const Row& row) {
      if (page.is_full()) return;
      page.add(static_cast<std::size_t>(row.integer(0)));
      ++fit;
    });
    if (!asked) return asked.failure();
    if (fit == 0) return found;
    limit = fit;
  }
  MessagePage page;
  values.back() = limit_cell(limit);
  auto asked = ask(statements.messages, values, [&](const Row& row) {
    if (page.is_full()) return;  // another may have come among them meanwhile
    found.push_back(read(row));
    page.add(found.back().content.size());
  });
  if (!asked) return asked.failure();
  return found;
}

}  // namespace packwalk::sql
