// ClickHouse's RowBinary form of the columns of an original.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ports/archive.h"

namespace packwalk::clickhouse {

/// Rows of device Int64, received_at Int64, ordinal UInt32, transport UInt8, verdict UInt8, reason String, hash UInt64,
/// content String: numbers little-endian, a text after its length in 7-bit groups, lowest first.
std::string rows_of(std::span<const Original> originals);

/// Reads the values of an answer in order. After a truncated one, is_good() is always false.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}

  template <class Integer>
  Integer number();
  std::string_view text();

  bool at_end() const { return rest_.empty(); }
  bool is_good() const { return good_; }

 private:
  std::string_view take(std::uint64_t size);

  std::string_view rest_;
  bool good_ = true;
};

/// The rows that rows_of() writes; empty if the bytes are not valid.
std::optional<std::vector<Original>> originals_from_rows(std::string_view bytes);

/// Rows of received_at, ordinal, transport, verdict, reason, hash, content; empty if the bytes are not valid.
std::optional<std::vector<StoredMessage>> messages_from_rows(std::string_view bytes);

}  // namespace packwalk::clickhouse
