// A server as a child process, in a process group of its own, with what it writes kept in a log.
//
// What holds: its end is known at once (a pidfd on the loop), and whatever is left of its group is
// killed then, so that no port and no memory stays taken. It is killed with its group when this
// object goes, and reaped: no zombie is left. If moerge itself is killed, the kernel kills the
// process that was started (PR_SET_PDEATHSIG), but not the children of that one: a command that
// goes through a shell should `exec` the server. What leaves the group (setsid) is not found.
//
// Owner: a command's host. Threads: the loop's, which must live as long as the process: the kernel
// takes the end of the thread that started it for moerge's.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/base/event.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "services/hosts/server_log.h"

namespace moerge {

class ServerProcess {
 public:
  struct Command {
    std::vector<std::string> words;  // the program, looked for in PATH, and its arguments
    std::map<std::string, std::string> environment;  // besides moerge's own
  };
  // `ended` is called once, when it has. Error: kUnavailable, it cannot be started, and why.
  static Result<std::unique_ptr<ServerProcess>> Start(const Executor& loop, const Command& command,
                                                      std::shared_ptr<ServerLog> log,
                                                      std::function<void()> ended);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  pid_t pid() const;
  bool ended() const;
  std::string how() const;  // it ended: "exited with 1", "was ended by signal 9 (Killed)"
  // To its whole group; nothing once it has ended.
  void Signal(int number);
  // False: the deadline passed first.
  Task<bool> AwaitEnd(Deadline deadline);

 private:
  struct Impl;
  explicit ServerProcess(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<Impl> impl_;
};

}  // namespace moerge
