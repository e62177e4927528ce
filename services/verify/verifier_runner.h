// Checks answers against verifiers on behalf of coroutines. Schemas and expressions are judged at
// once; tests run in sandboxes, a few at a time, on threads of its own, so that no event loop
// waits.
//
// Owner: the composition root; one per process. It must be destroyed while the loops of all its
// callers still exist; its end stops what runs and notifies the waiters. Threads: any
// may call; a Check goes on, on the loop that awaits it.
#pragma once

#include <memory>
#include <string>

#include "config/base/cancellation.h"
#include "config/base/deadline.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "services/verify/sandbox_options.h"
#include "services/verify/verifier.h"

namespace moerge {

class VerifierRunner {
 public:
  struct Load {
    std::size_t running = 0;
    std::size_t queued = 0;
  };

  explicit VerifierRunner(SandboxOptions options);
  ~VerifierRunner();
  VerifierRunner(const VerifierRunner&) = delete;
  VerifierRunner& operator=(const VerifierRunner&) = delete;

  // Errors: kInvalid, tests are not allowed on this host; kUnavailable, they cannot run, or the
  // runner ends; kRateLimited, too many wait; kTimeout, the deadline passed first; kCancelled. What
  // is not waited for any more is stopped. `cancellation` must outlive the task.
  Task<Result<Verification>> Check(Verifier verifier, std::string answer, Deadline deadline,
                                   Cancellation& cancellation);

  // Whether tests in this language would run, as far as can be said without running any.
  Status Ready(std::string_view language) const;
  Load load() const;

  struct Shared;

 private:
  Task<Result<Verification>> RunInSandbox(TestsVerifier tests, std::string answer,
                                          Deadline deadline, Cancellation& cancellation);

  std::shared_ptr<Shared> shared_;
};

}  // namespace moerge
