#include "adapters/sql/sql_message_reader.h"

#include <utility>

#include "adapters/sql/message_page.h"

namespace packwalk::sql {
namespace {

// clang-format off
#define PACKWALK_MESSAGES_BETWEEN(columns, condition, direction, limit) \
  "SELECT " columns " FROM messages WHERE device = $1 AND received_at >= $2 AND (received_at, ordinal) > ($2, $3) " \
  "AND received_at <= $4 AND (received_at, ordinal) < ($4, $5) " condition \
  "ORDER BY received_at" direction ", ordinal" direction " LIMIT " limit
#define PACKWALK_MESSAGE_STATEMENTS(condition, direction, limit) \
  {PACKWALK_MESSAGES_BETWEEN("length(content)", condition, direction, limit), \
   PACKWALK_MESSAGES_BETWEEN(PACKWALK_MESSAGE_COLUMNS, condition, direction, limit)}
// `verdict <> 0` lets the database use the index of messages that were not accepted.
#define PACKWALK_OF_VERDICT "AND verdict = $6 AND verdict <> 0 "
// clang-format on

/// The same messages in both orders.
struct BothOrders {
  MessageStatements forwards;
  MessageStatements backwards;

  const MessageStatements& in(TimeOrder order) const { return order == TimeOrder::oldest_first ? forwards : backwards; }
};
constexpr BothOrders all_messages = {PACKWALK_MESSAGE_STATEMENTS("", "", "$6"),
                                     PACKWALK_MESSAGE_STATEMENTS("", " DESC", "$6")};
constexpr BothOrders accepted_messages = {PACKWALK_MESSAGE_STATEMENTS("AND verdict = 0 ", "", "$6"),
                                          PACKWALK_MESSAGE_STATEMENTS("AND verdict = 0 ", " DESC", "$6")};
constexpr BothOrders messages_of_verdict = {PACKWALK_MESSAGE_STATEMENTS(PACKWALK_OF_VERDICT, "", "$7"),
                                            PACKWALK_MESSAGE_STATEMENTS(PACKWALK_OF_VERDICT, " DESC", "$7")};

class SqlMessageReader final : public MessageReader {
 public:
  explicit SqlMessageReader(ConnectReader connect) : readers_(std::move(connect)) {}

  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                              const MessageSpan& span, Paging page) override {
    std::vector<Value> values = {cell(device), cell(span.after.received_at), cell(std::int64_t{span.after.ordinal}),
                                 cell(span.before.received_at), cell(std::int64_t{span.before.ordinal})};
    const BothOrders* statements = &all_messages;
    if (verdict == Verdict::accepted) {
      statements = &accepted_messages;
    } else if (verdict) {
      statements = &messages_of_verdict;
      values.push_back(cell(static_cast<std::uint8_t>(*verdict)));
    }
    values.push_back(limit_cell(page.limit));
    const auto ask_rows = [this](const char* statement, std::span<const Value> cells,
                                 const std::function<void(const Row&)>& take) {
      return readers_.query(statement, cells, take);
    };
    return message_page(ask_rows, statements->in(page.order), message_at, std::move(values), page.limit);
  }

 private:
  ReaderPool readers_;
};

}  // namespace

std::unique_ptr<MessageReader> make_sql_message_reader(ConnectReader connect) {
  return std::make_unique<SqlMessageReader>(std::move(connect));
}

}  // namespace packwalk::sql
