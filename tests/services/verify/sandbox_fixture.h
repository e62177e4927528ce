// What tests of the sandbox have in common. They are skipped where, and only where, the host
// allows no namespaces, and say so.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "services/verify/sandbox.h"

namespace moerge {

inline SandboxOptions AllowedSandbox() {
  SandboxOptions options;
  options.enabled = true;
  options.max_timeout = std::chrono::minutes(2);
  return options;
}

inline Result<Verification> RunPython(const std::string& answer, const std::string& tests,
                                      std::chrono::milliseconds timeout = std::chrono::minutes(2),
                                      const SandboxOptions& options = AllowedSandbox()) {
  const StopSignal never;
  return RunTests(options, TestRun{"python", answer, tests, timeout}, never);
}

// Empty: namespaces can be made here.
inline const std::string& WhyNoNamespaces() {
  static const std::string why = [] {
    const auto verdict = RunPython("", "");
    const bool refused =
        !verdict.ok() && verdict.error().message.find("user namespaces") != std::string::npos;
    return refused ? verdict.error().message : std::string();
  }();
  return why;
}

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!WhyNoNamespaces().empty()) GTEST_SKIP() << "NOT TESTED HERE: " << WhyNoNamespaces();
  }
};

}  // namespace moerge
