// script/bench --production: roles on their own around RabbitMQ, PostgreSQL and Redis, beside the bare systems.
#pragma once

#include "options.h"

namespace packwalk::bench {

int bench_production(const Options& options);

}  // namespace packwalk::bench
