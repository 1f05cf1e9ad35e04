// The texts and the replies of librabbitmq.
#pragma once

#include <amqp.h>
#include <amqp_framing.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace packwalk::rabbitmq {

inline constexpr amqp_channel_t channel = 1;  // the only one of a link

inline amqp_bytes_t bytes_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
inline std::string text_of(amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

/// Errc::unavailable
Failure broken(const std::string& what);
Result<void> outcome_of(const amqp_rpc_reply_t& reply);
Result<void> outcome_of(int status);
/// The error of an unexpected method: usually the close of a channel or a connection, with its cause.
std::string reason_of(const amqp_method_t& method);

}  // namespace packwalk::rabbitmq
