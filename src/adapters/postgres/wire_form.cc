#include "adapters/postgres/wire_form.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <type_traits>

namespace packwalk::sql {
namespace {

struct TypeFacts {
  Type type{};
  TypeNumber number = 0;
  TypeNumber array = 0;
  const char* array_name = "";
};
constexpr std::array facts = {
    TypeFacts{Type::int16, 21, 1005, "smallint[]"}, TypeFacts{Type::int32, 23, 1007, "integer[]"},
    TypeFacts{Type::int64, 20, 1016, "bigint[]"},   TypeFacts{Type::real, 701, 1022, "double precision[]"},
    TypeFacts{Type::text, 25, 1009, "text[]"},      TypeFacts{Type::blob, 17, 1001, "bytea[]"},
};

const TypeFacts& facts_of(Type type) { return facts.at(static_cast<std::size_t>(type)); }

template <class Integer>
std::array<char, sizeof(Integer)> big_endian(Integer value) {
  const auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  std::array<char, sizeof(Integer)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>((bits >> (8 * (bytes.size() - 1 - i))) & 0xff);
  }
  return bytes;
}

template <class Integer>
void append_big_endian(std::string& bytes, Integer value) {
  const auto wire = big_endian(value);
  bytes.append(wire.data(), wire.size());
}

/// The sign goes on to the left of a shorter number.
std::int64_t read_big_endian(std::string_view bytes) {
  if (bytes.empty()) return 0;
  std::uint64_t bits = (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) bits = bits << 8 | static_cast<std::uint8_t>(byte);
  return std::bit_cast<std::int64_t>(bits);
}

/// In one piece: there are many.
template <class Integer>
void append_number_field(std::string& bytes, Integer value) {
  const auto length = big_endian(static_cast<std::int32_t>(sizeof value));
  const auto wire = big_endian(value);
  std::array<char, sizeof length + sizeof wire> field{};
  std::copy(wire.begin(), wire.end(), std::copy(length.begin(), length.end(), field.begin()));
  bytes.append(field.data(), field.size());
}

/// A value with its length before it, -1 for NULL.
struct AppendAs {
  std::string& bytes;
  Type type;

  void operator()(std::monostate) const { append_big_endian(bytes, std::int32_t{-1}); }
  void operator()(std::int64_t value) const {
    if (type == Type::int16) {
      append_number_field(bytes, static_cast<std::int16_t>(value));
    } else if (type == Type::int32) {
      append_number_field(bytes, static_cast<std::int32_t>(value));
    } else {
      append_number_field(bytes, value);
    }
  }
  void operator()(double value) const { append_number_field(bytes, std::bit_cast<std::int64_t>(value)); }
  void operator()(std::string_view value) const {
    append_big_endian(bytes, static_cast<std::int32_t>(value.size()));
    bytes.append(value);
  }
  void operator()(const Blob& value) const { (*this)(value.bytes); }
};

void append_field(std::string& bytes, Type type, const Value& value) { std::visit(AppendAs{bytes, type}, value); }

}  // namespace

TypeNumber type_number(Type type) { return facts_of(type).number; }
TypeNumber array_number(Type type) { return facts_of(type).array; }
const char* array_name(Type type) { return facts_of(type).array_name; }

const Type* type_of_number(TypeNumber number) {
  const auto* found =
      std::find_if(facts.begin(), facts.end(), [&](const TypeFacts& each) { return each.number == number; });
  return found == facts.end() ? nullptr : &found->type;
}

void append_wire(std::string& bytes, Type type, const Value& value) {
  std::string field;
  append_field(field, type, value);
  bytes.append(field, 4);
}

std::string array_of_column(Type type, std::span<const Value> cells, std::size_t width, std::size_t column) {
  const std::size_t rows = cells.size() / width;
  bool any_null = false;
  for (std::size_t i = column; i < cells.size(); i += width) {
    any_null = any_null || std::holds_alternative<std::monostate>(cells[i]);
  }
  std::string bytes;
  bytes.reserve(20 + rows * 12);
  append_big_endian(bytes, std::int32_t{rows > 0 ? 1 : 0});  // dimensions
  append_big_endian(bytes, std::int32_t{any_null ? 1 : 0});
  append_big_endian(bytes, type_number(type));
  if (rows == 0) return bytes;
  append_big_endian(bytes, static_cast<std::int32_t>(rows));
  append_big_endian(bytes, std::int32_t{1});  // the first index
  for (std::size_t i = column; i < cells.size(); i += width) append_field(bytes, type, cells[i]);
  return bytes;
}

std::string copy_header() {
  using namespace std::string_view_literals;
  std::string bytes("PGCOPY\n\xff\r\n\0"sv);
  append_big_endian(bytes, std::int32_t{0});  // flags
  append_big_endian(bytes, std::int32_t{0});  // no more header
  return bytes;
}

void append_copy_rows(std::string& bytes, const Table& table, std::span<const Value> cells) {
  const std::size_t width = table.columns.size();
  for (; !cells.empty(); cells = cells.subspan(width)) {
    append_big_endian(bytes, static_cast<std::int16_t>(width));
    for (std::size_t i = 0; i < width; ++i) append_field(bytes, table.columns[i].type, cells[i]);
  }
}

std::string copy_trailer() {
  std::string bytes;
  append_big_endian(bytes, std::int16_t{-1});
  return bytes;
}

std::int64_t integer_from_wire(TypeNumber type, std::string_view bytes) {
  return type == type_number(Type::real) ? static_cast<std::int64_t>(real_from_wire(type, bytes))
                                         : read_big_endian(bytes);
}

double real_from_wire(TypeNumber type, std::string_view bytes) {
  const std::int64_t bits = read_big_endian(bytes);
  return type == type_number(Type::real) ? std::bit_cast<double>(bits) : static_cast<double>(bits);
}

}  // namespace packwalk::sql
