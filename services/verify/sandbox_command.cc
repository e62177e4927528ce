#include "services/verify/sandbox_command.h"

#include <initializer_list>
#include <string_view>

namespace moerge {
namespace {

constexpr int kOpenFiles = 64;

void Add(std::vector<std::string>* command, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) command->emplace_back(word);
}

// The run's user outside, and that it is the first victim when processor or memory are short.
void AddOutside(std::vector<std::string>* command, bool as_root) {
  if (as_root) {
    Add(command, {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  }
  Add(command, {"/usr/bin/nice", "-n", "10", "/usr/bin/choom", "-n", "1000", "--"});
}

// Nothing of the host but what an interpreter and its library need; no /etc, /home, /proc or /sys.
void AddView(std::vector<std::string>* command, const SandboxOptions& options) {
  for (const std::string_view folder : {"/usr/bin", "/usr/lib"}) {
    Add(command, {"--ro-bind", folder, folder});
  }
  for (const std::string_view folder : {"/usr/lib64", "/usr/share/zoneinfo"}) {
    Add(command, {"--ro-bind-try", folder, folder});
  }
  Add(command, {"--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib"});
  Add(command, {"--symlink", "usr/lib64", "/lib64"});
  for (const std::string_view device : {"/dev/null", "/dev/zero", "/dev/urandom"}) {
    Add(command, {"--dev-bind", device, device});
  }
  Add(command, {"--size", std::to_string(options.file_bytes), "--tmpfs", "/tmp"});
  Add(command, {"--remount-ro", "/", "--chdir", "/tmp"});
}

// The interpreter is the first of its processes, so that none outlives it, and bubblewrap waits for
// it.
void AddBubblewrap(std::vector<std::string>* command, const SandboxOptions& options) {
  Add(command, {options.bubblewrap, "--unshare-all", "--unshare-user", "--as-pid-1"});
  Add(command, {"--uid", "65534", "--gid", "65534", "--hostname", "sandbox", "--clearenv"});
  Add(command, {"--die-with-parent", "--new-session", "--cap-drop", "ALL"});
  Add(command, {"--seccomp", std::to_string(kFilterDescriptor)});
  Add(command, {"--info-fd", std::to_string(kInfoDescriptor)});
  AddView(command, options);
  Add(command, {"--"});
}

// Within the sandbox, where the count of processes is that of the sandbox.
void AddLimits(std::vector<std::string>* command, const SandboxOptions& options,
               std::chrono::milliseconds timeout) {
  const auto limit = [command](std::string_view name, auto value) {
    command->push_back("--" + std::string(name) + "=" + std::to_string(value));
  };
  Add(command, {"/usr/bin/prlimit"});
  limit("as", options.memory_bytes);
  limit("nproc", options.processes);
  limit("fsize", options.file_bytes);
  limit("nofile", kOpenFiles);
  limit("core", 0);
  limit("memlock", 0);
  limit("cpu", std::chrono::ceil<std::chrono::seconds>(timeout).count() + 1);
  Add(command, {"--"});
}

}  // namespace

std::vector<std::string> SandboxCommand(const SandboxOptions& options, const TestLanguage& language,
                                        std::chrono::milliseconds timeout, bool as_root) {
  std::vector<std::string> command;
  AddOutside(&command, as_root);
  AddBubblewrap(&command, options);
  AddLimits(&command, options, timeout);
  Add(&command, {language.interpreter});
  for (const std::string_view flag : language.flags) command.emplace_back(flag);
  Add(&command, {language.harness});
  return command;
}

}  // namespace moerge
