#include "tests/integration/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace moerge::test {
namespace {

constexpr int kPatienceMs = 60'000;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Ours, but for the names given.
std::vector<std::string> Variables(const Environment& environment) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  for (char** ours = environ; *ours != nullptr; ++ours) {
    const std::string_view variable(*ours);
    const bool replaced = std::any_of(environment.begin(), environment.end(), [&](const auto& own) {
      return variable.starts_with(own.first + "=");
    });
    if (!replaced) variables.emplace_back(variable);
  }
  return variables;
}

// Not fork: other threads of the test may hold any lock just now.
pid_t Spawn(std::vector<std::string> words, const std::string& folder,
            const Environment& environment, int out, int err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::vector<std::string> variables = Variables(environment);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, words[0].c_str(), &actions, nullptr,
                                   Pointers(words).data(), Pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " MOERGE_BINARY);
  return pid;
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
                 const Environment& environment, int max_files) {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), MOERGE_BINARY);
  if (max_files > 0) {
    const std::string limited = "ulimit -n " + std::to_string(max_files) + R"( && exec "$0" "$@")";
    words.insert(words.begin(), {"/bin/sh", "-c", limited});
  }
  pid_ = Spawn(std::move(words), folder, environment, out[1], err[1]);
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
