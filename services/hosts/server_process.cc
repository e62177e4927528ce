#include "services/hosts/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "config/base/descriptor.h"
#include "config/base/system_error.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

using StreamDescriptor = boost::asio::posix::basic_stream_descriptor<Executor>;

constexpr std::size_t kPiece = 16 << 10;

struct ServerPipe {
  Descriptor read;
  Descriptor write;
};

bool MakeServerPipe(ServerPipe* pipe) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe->read = Descriptor(ends[0]);
  pipe->write = Descriptor(ends[1]);
  return true;
}

// What execvpe takes; made before the fork, since a child of many threads may not allocate.
class ServerWords {
 public:
  explicit ServerWords(const ServerProcess::Command& command) : words_(command.words) {
    for (char** each = environ; *each != nullptr; ++each) {
      const std::string_view entry(*each);
      if (!command.environment.contains(std::string(entry.substr(0, entry.find('='))))) {
        environment_.emplace_back(entry);
      }
    }
    for (const auto& [name, value] : command.environment) {
      environment_.push_back(name + "=" + FillEnvironment(value, [](const std::string&) {}));
    }
    for (std::string& word : words_) argv_.push_back(word.data());
    for (std::string& entry : environment_) envp_.push_back(entry.data());
    argv_.push_back(nullptr);
    envp_.push_back(nullptr);
  }

  char* const* argv() const { return argv_.data(); }
  char* const* envp() const { return envp_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<std::string> environment_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

// In the child; async-signal-safe calls only. Reports errno if it cannot become the program.
[[noreturn]] void BecomeServer(const ServerWords& words, pid_t parent, int output, int report) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  // Whatever else this program has open goes with the exec, not all of it by a flag of its own.
  syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent) execvpe(words.argv()[0], words.argv(), words.envp());
  const int why = errno;
  (void)!write(report, &why, sizeof why);
  _exit(127);
}

std::string HowItEnded(int status) {
  if (WIFEXITED(status)) return "exited with " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  return "was ended by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
}

}  // namespace

struct ServerProcess::Impl : std::enable_shared_from_this<ServerProcess::Impl> {
  Impl(const Executor& loop, int pidfd, int output, pid_t of, std::shared_ptr<ServerLog> to)
      : pid(of), log(std::move(to)), exited(loop, pidfd), written(loop, output), over(loop) {}
  ~Impl() { Reap(); }

  void AwaitExit() {
    exited.async_wait(StreamDescriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        if (!error) self->Ended();
                      });
  }
  void ReadOutput() {
    written.async_read_some(
        boost::asio::buffer(piece),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          self->log->Write(std::string_view(self->piece.data(), size));
          if (!error) self->ReadOutput();
          if (error) self->log->EndLine();
        });
  }
  void Ended() {
    Reap();
    Drain();
    over.Set();
    if (const auto tell = std::exchange(on_end, nullptr)) tell();
  }
  // What it wrote last, which whoever hears of its end may want to quote.
  void Drain() {
    ssize_t size = 0;
    while ((size = read(written.native_handle(), piece.data(), piece.size())) > 0) {
      log->Write(std::string_view(piece.data(), static_cast<std::size_t>(size)));
    }
    log->EndLine();
  }
  // Its group is killed before it is reaped: until then its number stands for nothing else.
  void Reap() {
    if (reaped) return;
    kill(-pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    reaped = true;
    how = HowItEnded(status);
  }

  const pid_t pid;
  std::shared_ptr<ServerLog> log;
  StreamDescriptor exited;
  StreamDescriptor written;
  Event over;
  std::function<void()> on_end;
  std::array<char, kPiece> piece;
  bool reaped = false;
  std::string how;
};

Result<std::unique_ptr<ServerProcess>> ServerProcess::Start(const Executor& loop,
                                                            const Command& command,
                                                            std::shared_ptr<ServerLog> log,
                                                            std::function<void()> ended) {
  const std::string& program = command.words.at(0);
  const auto refused = [&] {
    return SystemError(ErrorCode::kUnavailable, "cannot start", program);
  };
  ServerPipe output, report;
  if (!MakeServerPipe(&output) || !MakeServerPipe(&report)) return refused();
  const ServerWords words(command);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return refused();
  if (pid == 0) BecomeServer(words, parent, output.write.get(), report.write.get());
  setpgid(pid, pid);  // here too: whoever comes first
  output.write.Close();
  report.write.Close();
  int why = 0;
  if (read(report.read.get(), &why, sizeof why) == static_cast<ssize_t>(sizeof why)) {
    waitpid(pid, nullptr, 0);
    errno = why;
    return refused();
  }
  Descriptor exited(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!exited) {
    Error error = refused();
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return error;
  }
  fcntl(output.read.get(), F_SETFL, O_NONBLOCK);
  auto impl =
      std::make_shared<Impl>(loop, exited.Release(), output.read.Release(), pid, std::move(log));
  impl->on_end = std::move(ended);
  impl->AwaitExit();
  impl->ReadOutput();
  return std::unique_ptr<ServerProcess>(new ServerProcess(std::move(impl)));
}

ServerProcess::~ServerProcess() {
  impl_->on_end = nullptr;
  impl_->Reap();
  boost::system::error_code ignored;
  impl_->exited.close(ignored);
  impl_->written.close(ignored);
}

pid_t ServerProcess::pid() const { return impl_->pid; }
bool ServerProcess::ended() const { return impl_->reaped; }
std::string ServerProcess::how() const { return impl_->how; }

void ServerProcess::Signal(int number) {
  if (!impl_->reaped) kill(-impl_->pid, number);
}

Task<bool> ServerProcess::AwaitEnd(Deadline deadline) {
  const std::shared_ptr<Impl> impl = impl_;
  co_return co_await impl->over.WaitUntil(deadline);
}

}  // namespace moerge
