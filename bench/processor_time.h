// What processes cost.
#pragma once

#include <sys/types.h>

#include <string>

namespace packwalk::bench {

/// Seconds of the processor that this process has used.
double own_processor_seconds();

/// Seconds of the processor that a process and those of its children that ended have used.
double processor_seconds(pid_t id);

/// The same of a process and of its children that run.
double processor_seconds_with_children(pid_t id);

/// A process of this name that `ancestor` started, or one of its children did. Throws when there is none.
pid_t descendant_of(pid_t ancestor, const std::string& name);

/// The most resident memory that this process had, since it began or since forget_peak_memory().
double peak_memory_bytes();
void forget_peak_memory();

}  // namespace packwalk::bench
