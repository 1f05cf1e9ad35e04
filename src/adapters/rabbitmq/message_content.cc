#include "adapters/rabbitmq/message_content.h"

#include <string_view>

#include "adapters/rabbitmq/amqp_reply.h"

namespace packwalk::rabbitmq {
namespace {

constexpr std::string_view timestamp_header = "timestamp_in_ms";

/// The value of `name` in a table; nullptr if it is missing.
const amqp_field_value_t* value_in(const amqp_table_t& table, std::string_view name) {
  for (int i = 0; i < table.num_entries; ++i) {
    if (text_of(table.entries[i].key) == name) return &table.entries[i].value;
  }
  return nullptr;
}

/// 0 if it is not a number.
std::int64_t number_of(const amqp_field_value_t* value) {
  if (!value) return 0;
  if (value->kind == AMQP_FIELD_KIND_I64 || value->kind == AMQP_FIELD_KIND_TIMESTAMP) return value->value.i64;
  return value->kind == AMQP_FIELD_KIND_I32 ? value->value.i32 : 0;
}

/// The last element of an array, if it has this kind.
const amqp_field_value_t* last_of(const amqp_field_value_t* value, std::uint8_t kind) {
  if (!value || value->kind != AMQP_FIELD_KIND_ARRAY || value->value.array.num_entries == 0) return nullptr;
  const amqp_field_value_t* last = &value->value.array.entries[value->value.array.num_entries - 1];
  return last->kind == kind ? last : nullptr;
}

/// The original exchange and routing key of a dead letter, which the broker records in the last entry.
void restore_origin(const amqp_table_t& headers, Delivered& delivered) {
  const amqp_field_value_t* death = last_of(value_in(headers, "x-death"), AMQP_FIELD_KIND_TABLE);
  if (!death) return;
  const amqp_field_value_t* exchange = value_in(death->value.table, "exchange");
  const amqp_field_value_t* key = last_of(value_in(death->value.table, "routing-keys"), AMQP_FIELD_KIND_UTF8);
  if (!exchange || exchange->kind != AMQP_FIELD_KIND_UTF8 || !key) return;
  delivered.exchange = text_of(exchange->value.bytes);
  delivered.routing_key = text_of(key->value.bytes);
}

}  // namespace

void read_properties(const amqp_basic_properties_t& properties, Delivered& delivered) {
  if ((properties._flags & AMQP_BASIC_CONTENT_TYPE_FLAG) != 0) {
    delivered.content_type = text_of(properties.content_type);
  }
  if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
    delivered.timestamp_ms = number_of(value_in(properties.headers, timestamp_header));
    restore_origin(properties.headers, delivered);
  }
}

Properties::Properties(const std::string& content_type, std::int64_t timestamp_ms)
    : headers_{amqp_table_entry_t{bytes_of(timestamp_header), {}}} {
  properties_._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties_.content_type = bytes_of(content_type);
  properties_.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  if (timestamp_ms <= 0) return;
  headers_[0].value.kind = AMQP_FIELD_KIND_I64;
  headers_[0].value.value.i64 = timestamp_ms;
  properties_._flags |= AMQP_BASIC_HEADERS_FLAG;
  properties_.headers = {static_cast<int>(headers_.size()), headers_.data()};
}

}  // namespace packwalk::rabbitmq
