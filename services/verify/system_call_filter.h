// The system calls that code in the sandbox may not make, as a program for the kernel: sockets of
// any family, memory that no limit counts (shared memory, anonymous files), new namespaces,
// tracing, keys, and the rarer ways into the kernel. They fail with EPERM. Thread-safe.
#pragma once

#include "config/base/descriptor.h"
#include "config/base/result.h"

namespace moerge {

// A file in memory that holds the program, at its beginning. Error: kUnavailable.
Result<Descriptor> SystemCallFilter();

}  // namespace moerge
