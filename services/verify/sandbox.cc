#include "services/verify/sandbox.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "config/base/deadline.h"
#include "config/base/random.h"
#include "config/base/text.h"
#include "config/base/utf8.h"
#include "services/verify/child_process.h"
#include "services/verify/sandbox_command.h"
#include "services/verify/system_call_filter.h"
#include "services/verify/test_language.h"
#include "services/verify/test_protocol.h"

namespace moerge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool CanRun(std::string_view program) { return access(std::string(program).c_str(), X_OK) == 0; }

Error Missing(std::string_view program, std::string_view package) {
  return Error{ErrorCode::kUnavailable, "tests cannot run here: " + std::string(program) +
                                            " is missing; install the package " +
                                            std::string(package)};
}

std::string Seconds(milliseconds time) {
  return FormatNumber(static_cast<double>(time.count()) / 1000) + " s";
}

// Reads what there is, up to a piece. Nothing: the other side is closed.
std::optional<std::string_view> ReadSome(const Descriptor& from, std::span<char> piece) {
  const ssize_t count = read(from.get(), piece.data(), piece.size());
  if (count > 0) return std::string_view(piece.data(), static_cast<std::size_t>(count));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::string_view();
  return std::nullopt;
}

// One run, from the start of the child to its end.
class Run {
 public:
  Run(const SandboxOptions& options, const TestRun& run, const StopSignal& stop, ChildProcess child)
      : options_(options),
        run_(run),
        stop_(stop),
        child_(std::move(child)),
        protocol_(RandomToken()),
        deadline_(Deadline::After(kStart)) {
    AppendSized(run.answer, &to_send_);
  }

  Result<Verification> Go() {
    std::optional<Result<Verification>> end;
    while (!end) end = Step();
    child_.Kill();
    return *std::move(end);
  }

 private:
  static constexpr seconds kStart{10};

  std::optional<Result<Verification>> Step() {
    const bool ended = Wait();
    Send();
    ReadOutput();
    ReadControl();
    if (protocol_.wants_tests()) SendTests();
    if (protocol_.over())
      return Result<Verification>(Verification{protocol_.passed(), protocol_.why()});
    if (ended || !child_.control) return Ended();
    if (written_ > options_.output_bytes) {
      return Failed("it wrote more than " + std::to_string(options_.output_bytes) + " bytes");
    }
    if (stopped_) return Error{ErrorCode::kCancelled, "the run was stopped"};
    if (deadline_.Passed()) return Late();
    return std::nullopt;
  }

  Result<Verification> Failed(const std::string& why) const { return Verification{false, why}; }

  Result<Verification> Late() const {
    if (!protocol_.started()) return Broken("it did not start in time");
    return Failed("it took longer than " + Seconds(run_.timeout) + " and was ended " +
                  std::string(protocol_.progress()));
  }

  Result<Verification> Ended() const {
    if (!protocol_.started()) return Broken(first_output_);
    return Failed("it ended " + std::string(protocol_.progress()) + " were through");
  }

  Error Broken(std::string_view why) const {
    const std::string said = utf8::Repair(Trim(why.substr(0, why.find('\n'))));
    return Error{ErrorCode::kUnavailable,
                 "tests cannot run here, the sandbox does not start: " +
                     (said.empty() ? "it said nothing" : said) +
                     ". bubblewrap needs user namespaces: allow them to this service (sysctl "
                     "kernel.unprivileged_userns_clone, user.max_user_namespaces; in a container "
                     "its seccomp and AppArmor profiles)"};
  }

  // True: the child has ended.
  bool Wait() {
    std::array<pollfd, 5> polled{
        pollfd{child_.control.get(), POLLIN, 0}, pollfd{child_.output.get(), POLLIN, 0},
        pollfd{child_.exited.get(), POLLIN, 0}, pollfd{stop_.descriptor(), POLLIN, 0},
        pollfd{to_send_.empty() ? -1 : child_.input.get(), POLLOUT, 0}};
    poll(polled.data(), polled.size(), static_cast<int>(Patience().count()));
    stopped_ = polled[3].revents != 0;
    return polled[2].revents != 0;
  }

  milliseconds Patience() const {
    return std::chrono::duration_cast<milliseconds>(deadline_.Left()) + milliseconds(1);
  }

  void Send() {
    if (to_send_.empty()) return;
    const ssize_t sent = send(child_.input.get(), to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
    if (sent > 0) to_send_.erase(0, static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) to_send_.clear();
  }

  void SendTests() {
    AppendSized(protocol_.token(), &to_send_);
    AppendSized(run_.tests, &to_send_);
    protocol_.TestsSent();
  }

  void ReadOutput() {
    constexpr std::size_t kKept = 1000;
    if (!child_.output) return;
    const auto read = ReadSome(child_.output, piece_);
    if (!read) return child_.output.Close();
    written_ += read->size();
    first_output_.append(read->substr(0, kKept - std::min(kKept, first_output_.size())));
  }

  // All there is: what the child said before it ended counts.
  void ReadControl() {
    while (!protocol_.over()) {
      const auto read = ReadSome(child_.control, piece_);
      if (!read) return child_.control.Close();
      if (read->empty()) return;
      const bool starts = !protocol_.started();
      protocol_.Read(*read);
      // The time of the answer begins when its code does.
      if (starts && protocol_.started()) deadline_ = Deadline::After(run_.timeout);
    }
  }

  const SandboxOptions& options_;
  const TestRun& run_;
  const StopSignal& stop_;
  ChildProcess child_;
  TestProtocol protocol_;
  Deadline deadline_;
  std::string to_send_;
  std::string first_output_;
  std::size_t written_ = 0;
  bool stopped_ = false;
  std::array<char, 64 * 1024> piece_;
};

}  // namespace

StopSignal::StopSignal() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void StopSignal::Set() { eventfd_write(event_.get(), 1); }

Status SandboxReady(const SandboxOptions& options, std::string_view language) {
  const TestLanguage* const known = FindTestLanguage(language);
  if (!options.enabled || known == nullptr) {
    return Error{.code = ErrorCode::kInvalid,
                 .message =
                     "this server does not run tests; use a JSON schema or a regular "
                     "expression, or ask its operator to allow the sandbox",
                 .param = "moerge.verify.tests"};
  }
  if (!CanRun(options.bubblewrap)) return Missing(options.bubblewrap, "bubblewrap");
  if (!CanRun(known->interpreter)) return Missing(known->interpreter, known->package);
  for (const std::string_view tool : {"/usr/bin/prlimit", "/usr/bin/setpriv", "/usr/bin/choom"}) {
    if (!CanRun(tool)) return Missing(tool, "util-linux");
  }
  return Ok{};
}

Result<Verification> RunTests(const SandboxOptions& options, const TestRun& run,
                              const StopSignal& stop) {
  const Status ready = SandboxReady(options, run.language);
  if (!ready.ok()) return ready.error();
  auto filter = SystemCallFilter();
  if (!filter.ok()) return std::move(filter).error();
  TestRun bounded = run;
  bounded.timeout = std::min(run.timeout, options.max_timeout);
  const auto command =
      SandboxCommand(options, *FindTestLanguage(run.language), bounded.timeout, geteuid() == 0);
  auto child = ChildProcess::Start(command, *std::move(filter));
  if (!child.ok()) return std::move(child).error();
  return Run(options, bounded, stop, *std::move(child)).Go();
}

}  // namespace moerge
