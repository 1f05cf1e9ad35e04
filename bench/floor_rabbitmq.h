// What RabbitMQ reaches with nothing around it.
#pragma once

#include <cstddef>
#include <string>

namespace packwalk::bench {

/// Messages a second through a quorum queue of this name, which is deleted afterwards: published and confirmed, at most
/// 1,000 on their way, by one thread with one connection, and taken and acknowledged by another, for `seconds` and
/// until all have arrived.
double bare_rabbitmq_rate(const std::string& url, const std::string& queue, std::size_t message_bytes, double seconds);

}  // namespace packwalk::bench
