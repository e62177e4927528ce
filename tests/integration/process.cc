#include "tests/integration/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace moerge::test {
namespace {

constexpr int kPatienceMs = 60'000;

void RunChild(const std::vector<std::string>& arguments, const std::string& folder,
              const Environment& environment, int out, int err) {
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words{const_cast<char*>(MOERGE_BINARY)};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(MOERGE_BINARY, words.data());
  ::_exit(127);
}

// False: the other end is closed.
bool Append(int fd, std::string* text) {
  char bytes[4096];
  const ssize_t n = ::read(fd, bytes, sizeof bytes);
  if (n > 0) text->append(bytes, static_cast<std::size_t>(n));
  return n > 0;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::string& folder,
                 const Environment& environment) {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  pid_ = ::fork();
  if (pid_ == 0) RunChild(arguments, folder, environment, out[1], err[1]);
  ::close(out[1]);
  ::close(err[1]);
  out_fd_ = out[0];
  err_fd_ = err[0];
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_fd_ >= 0) ::close(out_fd_);
  if (err_fd_ >= 0) ::close(err_fd_);
}

// False: both outputs have ended, or nothing came in time.
bool Process::Read(int timeout_ms) {
  pollfd fds[2] = {{out_fd_, POLLIN, 0}, {err_fd_, POLLIN, 0}};  // -1 is passed over
  if (out_fd_ < 0 && err_fd_ < 0) return false;
  if (::poll(fds, 2, timeout_ms) <= 0) return false;
  const auto take = [](const pollfd& ready, int* fd, std::string* text) {
    if (ready.revents == 0 || Append(*fd, text)) return;
    ::close(*fd);
    *fd = -1;
  };
  take(fds[0], &out_fd_, &out_);
  take(fds[1], &err_fd_, &err_);
  return true;
}

bool Process::AwaitOutput(std::string_view mark) {
  const auto came = [&] { return (out_ + "\n" + err_).find(mark) != std::string::npos; };
  while (!came()) {
    if (!Read(kPatienceMs)) return false;
  }
  return true;
}

void Process::Signal(int number) const { ::kill(pid_, number); }

Finished Process::Wait() {
  while (Read(kPatienceMs)) {
  }
  if (out_fd_ >= 0 || err_fd_ >= 0) Signal(SIGKILL);  // it hangs
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out_, err_};
}

Finished RunMoerge(const std::vector<std::string>& arguments, const std::string& folder,
                   const Environment& environment) {
  return Process(arguments, folder, environment).Wait();
}

}  // namespace moerge::test
