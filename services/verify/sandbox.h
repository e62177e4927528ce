// Runs the code of an answer and the tests of a client in a sandbox: blocking, one run at a time
// per caller. README.md says what the sandbox keeps out. Thread-safe.
#pragma once

#include <chrono>
#include <string>

#include "config/base/descriptor.h"
#include "config/base/result.h"
#include "services/verify/sandbox_options.h"
#include "services/verify/verifier.h"

namespace moerge {

struct TestRun {
  std::string language;  // one of TestLanguageNames()
  std::string answer;    // code
  std::string tests;     // code
  std::chrono::milliseconds timeout{5000};
};

// Ends a run from any thread.
class StopSignal {
 public:
  StopSignal();
  void Set();
  int descriptor() const { return event_.get(); }  // can be read once set

 private:
  Descriptor event_;
};

// kInvalid: the host does not allow it. kUnavailable: bubblewrap or the interpreter is missing; the
// message says what to install.
Status SandboxReady(const SandboxOptions& options, std::string_view language);

// A verdict also for code that fails, hangs or uses more than it may. Errors: as SandboxReady;
// kUnavailable too when the host allows no namespaces; kCancelled once `stop` is set. Blocks
// for the timeout and, at worst, 20 seconds more to begin and end; the caller's thread must live as
// long.
Result<Verification> RunTests(const SandboxOptions& options, const TestRun& run,
                              const StopSignal& stop);

}  // namespace moerge
