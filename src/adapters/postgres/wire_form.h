// How PostgreSQL writes values on the wire in binary: numbers big-endian, arrays of one dimension, rows of COPY.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Type numbers that never change (catalog pg_type).
using TypeNumber = unsigned int;
TypeNumber type_number(Type type);
TypeNumber array_number(Type type);
/// Nothing for a type that we do not use.
const Type* type_of_number(TypeNumber number);

/// "bigint[]" and so on.
const char* array_name(Type type);

/// The bytes of one value; nothing is written for NULL. The value must fit the type: a whole number into a whole
/// number of any width, text and blobs into each other.
void append_wire(std::string& bytes, Type type, const Value& value);

/// One column of `cells`, which stand row by row, `width` to a row.
std::string array_of_column(Type type, std::span<const Value> cells, std::size_t width, std::size_t column);

/// What COPY .. WITH (FORMAT binary) reads: the header, rows, the trailer.
std::string copy_header();
void append_copy_rows(std::string& bytes, const Table& table, std::span<const Value> cells);
std::string copy_trailer();

std::int64_t integer_from_wire(TypeNumber type, std::string_view bytes);
double real_from_wire(TypeNumber type, std::string_view bytes);

}  // namespace packwalk::sql
