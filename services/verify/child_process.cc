#include "services/verify/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <utility>

#include "config/base/system_error.h"
#include "services/verify/sandbox_command.h"

namespace moerge {
namespace {

Error Refused(const std::string& what) {
  return SystemError(ErrorCode::kUnavailable, "tests cannot run: cannot " + what,
                     "for the sandbox");
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// Above the numbers that the child's descriptors are moved to, so that none overwrites another.
Descriptor Lifted(int number) {
  constexpr int kLeast = 16;
  const Descriptor low(number);
  return Descriptor(fcntl(low.get(), F_DUPFD_CLOEXEC, kLeast));
}

Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Refused("make a pipe");
  Pipe made{Lifted(ends[0]), Lifted(ends[1])};
  if (!made.read || !made.write) return Refused("make a pipe");
  return made;
}

// A socket, since writing to a pipe that nobody reads raises a signal. The other way is shut.
Result<Pipe> MakeInput() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Refused("make a socket");
  Pipe made{Lifted(ends[0]), Lifted(ends[1])};
  if (!made.read || !made.write) return Refused("make a socket");
  shutdown(made.write.get(), SHUT_RD);
  return made;
}

void DoNotBlock(const Descriptor& end) {
  fcntl(end.get(), F_SETFL, fcntl(end.get(), F_GETFL) | O_NONBLOCK);
}

// posix_spawn does not copy the process, and may be called with other threads running.
class Spawning {
 public:
  Spawning() {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
  ~Spawning() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }

  void Give(const Descriptor& from, int to) {
    posix_spawn_file_actions_adddup2(&files_, from.get(), to);
  }
  // Whatever else this program has open, not all of it closed on exec.
  void CloseFrom(int first) { posix_spawn_file_actions_addclosefrom_np(&files_, first); }

  // -1, and errno, if it could not start.
  pid_t Run(const std::vector<std::string>& command) {
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    char* no_environment[] = {nullptr};
    pid_t pid = -1;
    errno = posix_spawn(&pid, words[0], &files_, &attributes_, words.data(), no_environment);
    return errno == 0 ? pid : -1;
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<ChildProcess> ChildProcess::Start(const std::vector<std::string>& command,
                                         Descriptor filter) {
  auto input = MakeInput();
  auto output = MakePipe();
  auto control = MakePipe();
  for (const auto* const made : {&input, &output, &control}) {
    if (!made->ok()) return made->error();
  }
  const Descriptor lifted(fcntl(filter.get(), F_DUPFD_CLOEXEC, output->write.get()));
  Spawning spawning;
  spawning.Give(input->read, STDIN_FILENO);
  spawning.Give(output->write, STDOUT_FILENO);
  spawning.Give(output->write, STDERR_FILENO);
  spawning.Give(control->write, kControlDescriptor);
  spawning.Give(lifted, kFilterDescriptor);
  spawning.CloseFrom(kFilterDescriptor + 1);
  ChildProcess child(spawning.Run(command));
  if (child.pid_ < 0) return Refused("start " + command[0]);
  child.input = std::move(input->write);
  child.output = std::move(output->read);
  child.control = std::move(control->read);
  child.exited = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid_, 0)));
  if (!child.exited) return Refused("watch a process");
  for (const Descriptor* const end : {&child.input, &child.output, &child.control}) {
    DoNotBlock(*end);
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : input(std::move(other.input)),
      output(std::move(other.output)),
      control(std::move(other.control)),
      exited(std::move(other.exited)),
      pid_(std::exchange(other.pid_, -1)) {}

ChildProcess::~ChildProcess() { Kill(); }

void ChildProcess::Kill() {
  const pid_t pid = std::exchange(pid_, -1);
  if (pid < 0) return;
  kill(-pid, SIGKILL);
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace moerge
