// What libpq sends and receives in a run of a statement.
#pragma once

#include <libpq-fe.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/postgres/wire_form.h"
#include "adapters/sql/connection.h"

namespace packwalk::sql {

class PostgresRow final : public Row {
 public:
  explicit PostgresRow(const PGresult* answer, int row) : answer_(answer), row_(row) {}

  bool is_null(int column) const override { return PQgetisnull(answer_, row_, column) != 0; }
  std::int64_t integer(int column) const override { return integer_from_wire(PQftype(answer_, column), bytes(column)); }
  double real(int column) const override { return real_from_wire(PQftype(answer_, column), bytes(column)); }
  std::string_view bytes(int column) const override {
    return {PQgetvalue(answer_, row_, column), static_cast<std::size_t>(PQgetlength(answer_, row_, column))};
  }

 private:
  const PGresult* answer_;
  int row_;
};

/// The values of one run of a statement, as libpq wants them.
class StatementValues {
 public:
  /// `types` as the server told them; a type that we do not use is sent as the value is.
  StatementValues(std::span<const TypeNumber> types, std::span<const Value> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Type* type = i < types.size() ? type_of_number(types[i]) : nullptr;
      std::string bytes;
      append_wire(bytes, type ? *type : Type::text, values[i]);
      add(std::move(bytes), std::holds_alternative<std::monostate>(values[i]));
    }
    point();
  }
  explicit StatementValues(std::vector<std::string> arrays) {
    for (std::string& array : arrays) add(std::move(array), false);
    point();
  }

  int count() const { return static_cast<int>(bytes_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(std::string bytes, bool null) {
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(1);
    bytes_.push_back(std::move(bytes));
    nulls_.push_back(null);
  }
  void point() {
    for (std::size_t i = 0; i < bytes_.size(); ++i) pointers_.push_back(nulls_[i] ? nullptr : bytes_[i].data());
  }

  std::vector<std::string> bytes_;
  std::vector<bool> nulls_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace packwalk::sql
