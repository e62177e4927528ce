#include "services/jobs/lease_owner.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include "config/base/random.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// Where ids of processes mean the same: this start of this machine, and this container.
std::string ProcessSpace() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string boot;
  file >> boot;
  std::error_code failed;
  const auto space =
      std::filesystem::read_symlink("/proc/self/ns/pid", failed);  // pid:[4026531836]
  if (boot.empty() || failed) return {};
  std::string name = boot + "-";
  for (const char c : space.string()) {
    if (c >= '0' && c <= '9') name += c;
  }
  return name;
}

// When a process began, in ticks since the machine did; none: there is no such process.
std::optional<std::string> BeginOf(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  // The name, which may hold anything, stands in parentheses; then state is field 3, this one 22.
  const std::size_t name = text.rfind(')');
  if (name == text.npos || name + 2 > text.size()) return std::nullopt;
  const std::vector<std::string_view> fields = Split(std::string_view(text).substr(name + 2), ' ');
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X") return std::nullopt;
  return std::string(fields[19]);
}

}  // namespace

std::string NewLeaseOwner() {
  const std::string process = std::to_string(::getpid());
  return process + ":" + BeginOf(process).value_or("") + ":" + ProcessSpace() + ":" + RandomId();
}

bool IsDeadOwner(std::string_view owner) {
  const std::vector<std::string_view> parts = Split(owner, ':');
  if (parts.size() != 4 || parts[1].empty() || parts[2].empty()) return false;
  if (parts[2] != ProcessSpace() || !ParseInt(parts[0])) return false;
  // Without /proc nothing is known, of this process either.
  if (!BeginOf(std::to_string(::getpid()))) return false;
  const std::optional<std::string> begin = BeginOf(std::string(parts[0]));
  return !begin || *begin != parts[1];
}

}  // namespace moerge
