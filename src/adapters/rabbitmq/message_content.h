// Reads and writes the properties of a message.
#pragma once

#include <amqp.h>
#include <amqp_framing.h>

#include <array>
#include <cstdint>
#include <string>

#include "adapters/rabbitmq/event.h"

namespace packwalk::rabbitmq {

/// The content type, the time, and the origin of a dead letter.
void read_properties(const amqp_basic_properties_t& properties, Delivered& delivered);

/// The properties of a persistent message; they point into its content type.
class Properties {
 public:
  Properties(const std::string& content_type, std::int64_t timestamp_ms);
  Properties(const Properties&) = delete;
  Properties& operator=(const Properties&) = delete;

  amqp_basic_properties_t* get() { return &properties_; }

 private:
  std::array<amqp_table_entry_t, 1> headers_;
  amqp_basic_properties_t properties_{};
};

}  // namespace packwalk::rabbitmq
