// bubblewrap as a child process, with pipes to its descriptors 0 (input, a socket), 1 and 2
// (output), 3 (control) and 5 (info), and 4 for the filter; it inherits nothing else, no
// environment, no signal mask. Ended and waited for when it goes out of scope, with everything in
// its sandbox.
//
// Its ends of the pipes do not block. Threads: one, which must live as long as the child: the
// sandbox dies with the thread that made it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "config/base/descriptor.h"
#include "config/base/result.h"

namespace moerge {

class ChildProcess {
 public:
  // Error: kUnavailable.
  static Result<ChildProcess> Start(const std::vector<std::string>& command, Descriptor filter);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  // Ends all processes of the sandbox and waits until they have.
  void Kill();

  Descriptor input;
  Descriptor output;
  Descriptor control;
  Descriptor exited;  // can be read once it has

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  void KillInner();
  bool HasExited(int patience_ms) const;

  Descriptor info_;
  pid_t pid_ = -1;
};

}  // namespace moerge
