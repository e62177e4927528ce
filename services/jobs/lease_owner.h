// Names of processes that hold leases, which tell whether the process is still there. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace moerge {

// A new name of this process.
std::string NewLeaseOwner();

// Whether the process of that name ran on this machine, since it was started, among the processes
// that this one can see, and does not run any more. False where that cannot be told.
bool IsDeadOwner(std::string_view owner);

}  // namespace moerge
