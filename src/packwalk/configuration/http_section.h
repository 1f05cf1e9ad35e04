// [http]: the public address of the server, and its limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "http/server.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct HttpSection : ServerOptions {
  std::size_t unpacked_bytes_max = 8UL * 1024 * 1024;
  std::size_t failed_log_ins_max = 300;  // per minute and address
  std::size_t query_threads = 2;
  std::size_t queries_max = 256;
  std::chrono::seconds query_max{20};
};

std::vector<Setting<HttpSection>> http_settings();

/// Replaces 0 threads by the number of cores.
void finish(HttpSection& http);

}  // namespace packwalk
