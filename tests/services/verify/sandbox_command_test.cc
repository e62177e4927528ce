#include "services/verify/sandbox_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moerge {
namespace {

using testing::Contains;
using testing::Not;

std::vector<std::string> Command(bool as_root) {
  SandboxOptions options;
  options.memory_bytes = 1000;
  options.processes = 7;
  return SandboxCommand(options, *FindTestLanguage("python"), std::chrono::milliseconds(1500),
                        as_root);
}

TEST(SandboxCommand, RootSwitchesToNobodyFirst) {
  EXPECT_EQ(Command(true).front(), "/usr/bin/setpriv");
  EXPECT_THAT(Command(false), Not(Contains("/usr/bin/setpriv")));
}

TEST(SandboxCommand, CarriesTheLimits) {
  const auto command = Command(false);
  EXPECT_THAT(command, Contains("--as=1000"));
  EXPECT_THAT(command, Contains("--nproc=7"));
  EXPECT_THAT(command, Contains("--cpu=3"));
  EXPECT_THAT(command, Contains("--core=0"));
}

TEST(SandboxCommand, ShowsNothingOfTheHostButTheInterpreter) {
  const auto command = Command(false);
  for (const char* const word : {"--unshare-all", "--die-with-parent", "--clearenv", "--seccomp"}) {
    EXPECT_THAT(command, Contains(word));
  }
  for (const char* const word : {"--bind", "--share-net", "--proc", "/etc", "/usr", "/"}) {
    const auto bound = std::ranges::count(command, word);
    EXPECT_EQ(bound, word == std::string("/") ? 1 : 0) << word;  // "/" is made read-only
  }
}

TEST(FindTestLanguage, KnowsItsOtherNames) {
  ASSERT_NE(FindTestLanguage("PY"), nullptr);
  EXPECT_EQ(FindTestLanguage("py")->name, "python");
  EXPECT_EQ(FindTestLanguage("pyt"), nullptr);
  EXPECT_EQ(FindTestLanguage(""), nullptr);
}

}  // namespace
}  // namespace moerge
