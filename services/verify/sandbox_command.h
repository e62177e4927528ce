// The command line that runs an interpreter within bubblewrap: what it sees and how much it may
// use. Thread-safe, pure.
//
// Descriptors of the command: 0 what the harness reads, 1 and 2 output, 3 what the harness says, 4
// the filter of system calls, which bubblewrap reads and closes, 5 where bubblewrap reports
// its child.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "services/verify/sandbox_options.h"
#include "services/verify/test_language.h"

namespace moerge {

constexpr int kControlDescriptor = 3;
constexpr int kFilterDescriptor = 4;
constexpr int kInfoDescriptor = 5;

// `as_root`: we are root, which no process limit binds; the run switches to the user nobody first.
std::vector<std::string> SandboxCommand(const SandboxOptions& options, const TestLanguage& language,
                                        std::chrono::milliseconds timeout, bool as_root);

}  // namespace moerge
