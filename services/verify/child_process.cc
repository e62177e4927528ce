#include "services/verify/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "config/base/json.h"
#include "config/base/system_error.h"
#include "config/base/text.h"
#include "services/verify/sandbox_command.h"

namespace moerge {
namespace {

constexpr int kPatience = 5000;  // milliseconds, for what takes one unless the host is overloaded

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

// A socket, since writing to a pipe without a reader raises a signal. The other direction is shut.
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

// Out of bubblewrap's {"child-pid": 123, ...}, once it is whole.
std::optional<pid_t> InnerPid(std::string_view info) {
  const auto document = json::Document::Parse(Trim(info));
  if (!document.ok()) return std::nullopt;
  const auto pid = document->root().Find("child-pid").AsInt();
  if (!pid || *pid <= 1) return std::nullopt;
  return static_cast<pid_t>(*pid);
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
  auto info = MakePipe();
  for (const auto* const made : {&input, &output, &control, &info}) {
    if (!made->ok()) return made->error();
  }
  const Descriptor lifted(fcntl(filter.get(), F_DUPFD_CLOEXEC, output->write.get()));
  Spawning spawning;
  spawning.Give(input->read, STDIN_FILENO);
  spawning.Give(output->write, STDOUT_FILENO);
  spawning.Give(output->write, STDERR_FILENO);
  spawning.Give(control->write, kControlDescriptor);
  spawning.Give(lifted, kFilterDescriptor);
  spawning.Give(info->write, kInfoDescriptor);
  spawning.CloseFrom(kInfoDescriptor + 1);
  ChildProcess child(spawning.Run(command));
  if (child.pid_ < 0) return Refused("start " + command[0]);
  child.input = std::move(input->write);
  child.output = std::move(output->read);
  child.control = std::move(control->read);
  child.info_ = std::move(info->read);
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
      info_(std::move(other.info_)),
      pid_(std::exchange(other.pid_, -1)) {}

ChildProcess::~ChildProcess() { Kill(); }

// bubblewrap ends when the first process of its sandbox has, and that ends when all others have.
// Killing bubblewrap itself would leave that process to a parent of orphans that may not reap it.
void ChildProcess::Kill() {
  if (pid_ < 0) return;
  if (!HasExited(0)) KillInner();
  if (!HasExited(kPatience)) kill(-pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

// Waits for bubblewrap to report its child, in several pieces, unless it already has.
void ChildProcess::KillInner() {
  std::string text;
  std::optional<pid_t> inner;
  for (pollfd said{info_.get(), POLLIN, 0}; !inner && poll(&said, 1, kPatience) > 0;) {
    char piece[256];
    const ssize_t size = read(info_.get(), piece, sizeof piece);
    if (size <= 0) return;
    text.append(piece, static_cast<std::size_t>(size));
    inner = InnerPid(text);
  }
  if (!inner) return;
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, *inner, 0)));
  // While bubblewrap is there it is the same process still.
  if (process && !HasExited(0)) syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

bool ChildProcess::HasExited(int patience_ms) const {
  pollfd polled{exited.get(), POLLIN, 0};
  return exited && poll(&polled, 1, patience_ms) > 0;
}

}  // namespace moerge
