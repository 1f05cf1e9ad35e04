#include "adapters/sql/sql_message_reader.h"

#include <utility>

#include "adapters/sql/message_page.h"

namespace packwalk::sql {
namespace {

// clang-format off
#define PACKWALK_ACCEPTED_MESSAGES(columns) \
  "SELECT " columns " FROM messages WHERE device = $1 AND (received_at, ordinal) > ($2, $3) AND verdict = 0 " \
  "ORDER BY received_at, ordinal LIMIT $4"
// `verdict <> 0` lets the database use the index of messages that were not accepted.
#define PACKWALK_MESSAGES_OF_VERDICT(columns) \
  "SELECT " columns " FROM messages WHERE device = $1 AND (received_at, ordinal) > ($2, $3) AND verdict = $4 " \
  "AND verdict <> 0 ORDER BY received_at, ordinal LIMIT $5"
// clang-format on
constexpr MessageStatements accepted_messages = {PACKWALK_ACCEPTED_MESSAGES("length(content)"),
                                                 PACKWALK_ACCEPTED_MESSAGES(PACKWALK_MESSAGE_COLUMNS)};
constexpr MessageStatements messages_of_verdict = {PACKWALK_MESSAGES_OF_VERDICT("length(content)"),
                                                   PACKWALK_MESSAGES_OF_VERDICT(PACKWALK_MESSAGE_COLUMNS)};

class SqlMessageReader final : public MessageReader {
 public:
  explicit SqlMessageReader(ConnectReader connect) : readers_(std::move(connect)) {}

  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict, MessageCursor after,
                                              std::size_t limit) override {
    std::vector<Value> values = {cell(device), cell(after.received_at), cell(std::int64_t{after.ordinal})};
    MessageStatements statements = messages_of_device;
    if (verdict == Verdict::accepted) {
      statements = accepted_messages;
    } else if (verdict) {
      statements = messages_of_verdict;
      values.push_back(cell(static_cast<std::uint8_t>(*verdict)));
    }
    values.push_back(limit_cell(limit));
    const auto ask_rows = [this](const char* statement, std::span<const Value> cells,
                                 const std::function<void(const Row&)>& take) {
      return readers_.query(statement, cells, take);
    };
    return message_page(ask_rows, statements, message_at, std::move(values), limit);
  }

 private:
  ReaderPool readers_;
};

}  // namespace

std::unique_ptr<MessageReader> make_sql_message_reader(ConnectReader connect) {
  return std::make_unique<SqlMessageReader>(std::move(connect));
}

}  // namespace packwalk::sql
