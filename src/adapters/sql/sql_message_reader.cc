#include "adapters/sql/sql_message_reader.h"

#include <initializer_list>
#include <utility>

#include "adapters/sql/message_page.h"

namespace packwalk::sql {
namespace {

// clang-format off
#define PACKWALK_MESSAGES_BETWEEN(columns, condition, direction) \
  "SELECT " columns " FROM messages WHERE device = $1 AND received_at >= $2 AND (received_at, ordinal) > ($2, $3) " \
  "AND received_at <= $4 AND (received_at, ordinal) < ($4, $5) " condition \
  "ORDER BY received_at" direction ", ordinal" direction " LIMIT $6"
#define PACKWALK_MESSAGE_STATEMENTS(condition, direction) \
  {PACKWALK_MESSAGES_BETWEEN("length(content)", condition, direction), \
   PACKWALK_MESSAGES_BETWEEN(PACKWALK_MESSAGE_COLUMNS, condition, direction)}
// `verdict <> 0` lets the database use the index of messages that were not accepted. With both ends of the span SQLite
// would rather read all messages of the span, so the far end ($1, $2) only cuts the page.
#define PACKWALK_NOT_ACCEPTED(columns, names, behind, before, direction) \
  "SELECT " names " FROM (SELECT " columns ", (received_at, ordinal) " before " ($1, $2) AS is_within FROM messages " \
  "WHERE device = $3 AND (received_at, ordinal) " behind " ($4, $5) AND verdict = $6 AND verdict <> 0 " \
  "ORDER BY received_at" direction ", ordinal" direction " LIMIT $7) AS page " \
  "WHERE is_within ORDER BY received_at" direction ", ordinal" direction
#define PACKWALK_NOT_ACCEPTED_STATEMENTS(behind, before, direction) \
  {PACKWALK_NOT_ACCEPTED("length(content) AS size, received_at, ordinal", "size", behind, before, direction), \
   PACKWALK_NOT_ACCEPTED(PACKWALK_MESSAGE_COLUMNS, PACKWALK_MESSAGE_COLUMNS, behind, before, direction)}
// clang-format on

/// The same messages in both orders.
struct BothOrders {
  MessageStatements forwards;
  MessageStatements backwards;

  const MessageStatements& in(TimeOrder order) const { return order == TimeOrder::oldest_first ? forwards : backwards; }
};
constexpr BothOrders all_messages = {PACKWALK_MESSAGE_STATEMENTS("", ""), PACKWALK_MESSAGE_STATEMENTS("", " DESC")};
constexpr BothOrders accepted_messages = {PACKWALK_MESSAGE_STATEMENTS("AND verdict = 0 ", ""),
                                          PACKWALK_MESSAGE_STATEMENTS("AND verdict = 0 ", " DESC")};
constexpr BothOrders messages_of_verdict = {PACKWALK_NOT_ACCEPTED_STATEMENTS(">", "<", ""),
                                            PACKWALK_NOT_ACCEPTED_STATEMENTS("<", ">", " DESC")};

std::vector<Value> cells_of(std::initializer_list<MessageCursor> cursors) {
  std::vector<Value> cells;
  for (const MessageCursor& each : cursors) {
    cells.insert(cells.end(), {cell(each.received_at), cell(std::int64_t{each.ordinal})});
  }
  return cells;
}

class SqlMessageReader final : public MessageReader {
 public:
  explicit SqlMessageReader(ConnectReader connect) : readers_(std::move(connect)) {}

  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                              const MessageSpan& span, Paging page) override {
    if (verdict && verdict != Verdict::accepted) return not_accepted(device, *verdict, span, page);
    std::vector<Value> values = cells_of({span.after, span.before});
    values.insert(values.begin(), cell(device));
    return read((verdict ? accepted_messages : all_messages).in(page.order), std::move(values), page);
  }

 private:
  Result<std::vector<StoredMessage>> not_accepted(DeviceNumber device, Verdict verdict, const MessageSpan& span,
                                                  Paging page) {
    const bool is_backwards = page.is_backwards();
    std::vector<Value> values = cells_of({is_backwards ? span.after : span.before});
    values.push_back(cell(device));
    for (const Value& each : cells_of({is_backwards ? span.before : span.after})) values.push_back(each);
    values.push_back(cell(static_cast<std::uint8_t>(verdict)));
    return read(messages_of_verdict.in(page.order), std::move(values), page);
  }

  /// `values` without the limit.
  Result<std::vector<StoredMessage>> read(const MessageStatements& statements, std::vector<Value> values, Paging page) {
    const auto ask_rows = [this](const char* statement, std::span<const Value> cells,
                                 const std::function<void(const Row&)>& take) {
      return readers_.query(statement, cells, take);
    };
    values.push_back(limit_cell(page.limit));
    return message_page(ask_rows, statements, message_at, std::move(values), page.limit);
  }

  ReaderPool readers_;
};

}  // namespace

std::unique_ptr<MessageReader> make_sql_message_reader(ConnectReader connect) {
  return std::make_unique<SqlMessageReader>(std::move(connect));
}

}  // namespace packwalk::sql
