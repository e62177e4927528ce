// Real processes: tests/support/model_process.py says how they behave.
#include <gtest/gtest.h>
#include <signal.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "services/hosts/model_host.h"
#include "tests/adapters/loop_fixture.h"

namespace moerge::test {
namespace {

// Gone and reaped.
bool IsGone(pid_t pid) { return kill(pid, 0) != 0; }

// An orphan may wait to be reaped by whoever inherits it.
bool HasEnded(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  return IsGone(pid) || line.find(") Z") != std::string::npos;
}

struct CommandHostTest : testing::Test, LoopFixture {
  CommandHostTest() {
    backend.name = "local";
    backend.base_url = "http://127.0.0.1:{port}/v1";
    backend.residency.kind = ResidencyKind::kCommand;
    backend.residency.command = {"python3", MOERGE_SOURCE_DIR "/tests/support/model_process.py",
                                 "{port}", "{model}"};
  }
  ~CommandHostTest() override {
    if (host != nullptr) RunStop();
  }
  void RunStop() {
    bool done = false;
    Start(Stop(&done));
    RunUntil([&] { return done; });
  }
  Task<void> Stop(bool* done) {
    co_await host->Stop();
    *done = true;
  }
  Result<HostedModel> Load(const std::string& model,
                           std::chrono::milliseconds patience = std::chrono::seconds(25)) {
    const CallScope scope{Deadline::After(patience), &cancellation};
    return RunTask(host->Load(backend, model, scope));
  }
  Status Unload(const std::string& model) {
    return RunTask(host->Unload(backend, model, CallScope()));
  }
  // The number behind `mark` in what is kept of the model's log; 0: it is not there.
  pid_t NumberBehind(std::string_view mark, std::string_view model) const {
    pid_t number = 0;
    for (const std::string& line : host->Log(model)) {
      const std::size_t at = line.find(mark);
      if (at == line.npos) continue;
      std::from_chars(line.data() + at + mark.size(), line.data() + line.size(), number);
    }
    return number;
  }
  pid_t PidOf(std::string_view model) const { return NumberBehind("as process ", model); }

  std::unique_ptr<HttpClient> http = MakeHttpClient(executor());
  Backend backend;
  Cancellation cancellation;
  std::vector<std::string> lost;
  std::unique_ptr<ModelHost> host =
      MakeCommandHost(*http, executor(), [this](const std::string& model, const std::string& how) {
        lost.push_back(model + " " + how);
      });
};

TEST_F(CommandHostTest, AServerIsStartedAndEnded) {
  const auto loaded = Load("ada");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->base_url.find('{'), std::string::npos);
  const pid_t pid = PidOf("ada");
  ASSERT_GT(pid, 0);
  EXPECT_FALSE(IsGone(pid));
  const auto log = host->Log("ada");
  ASSERT_GE(log.size(), 2u);
  EXPECT_EQ(log[1], "loading ada");
  ASSERT_TRUE(Unload("ada").ok());
  EXPECT_TRUE(IsGone(pid));
  EXPECT_TRUE(lost.empty()) << "it was told to end";
  EXPECT_TRUE(Unload("ada").ok()) << "once more does no harm";
}

TEST_F(CommandHostTest, TwoServersAnswerAtPortsOfTheirOwn) {
  const auto ada = Load("ada");
  const auto clio = Load("clio");
  ASSERT_TRUE(ada.ok() && clio.ok());
  EXPECT_NE(ada->base_url, clio->base_url);
  const pid_t pids[] = {PidOf("ada"), PidOf("clio")};
  RunStop();
  for (const pid_t pid : pids) EXPECT_TRUE(IsGone(pid));
}

TEST_F(CommandHostTest, OneThatEndsBeforeItIsReadySaysHow) {
  const auto loaded = Load("broken");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(loaded.error().message.find("exited with 7 before it was ready: out of memory"),
            std::string::npos)
      << loaded.error().message;
  EXPECT_TRUE(lost.empty());
  EXPECT_TRUE(IsGone(PidOf("broken")));
}

TEST_F(CommandHostTest, OneThatDoesNotGetReadyIsKilled) {
  const auto loaded = Load("slow", std::chrono::milliseconds(300));
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kTimeout) << loaded.error().message;
  EXPECT_TRUE(IsGone(PidOf("slow")));
}

TEST_F(CommandHostTest, ALoadThatIsCancelledLeavesNoProcess) {
  cancellation.Cancel();
  const auto loaded = Load("slow");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kCancelled) << loaded.error().message;
  EXPECT_TRUE(IsGone(PidOf("slow")));
}

TEST_F(CommandHostTest, OneThatIgnoresTermIsKilled) {
  backend.residency.stop_timeout = std::chrono::milliseconds(50);
  ASSERT_TRUE(Load("stubborn").ok());
  const pid_t pid = PidOf("stubborn");
  ASSERT_TRUE(Unload("stubborn").ok());
  EXPECT_TRUE(IsGone(pid));
  EXPECT_EQ(host->Log("stubborn").back(), "moerge: did not end after TERM and is killed");
}

TEST_F(CommandHostTest, ADeathIsKnownAtOnceAndTakesItsChildrenAlong) {
  ASSERT_TRUE(Load("parent").ok());
  const pid_t child = NumberBehind("child ", "parent");
  ASSERT_GT(child, 0);
  EXPECT_FALSE(IsGone(child));
  kill(PidOf("parent"), SIGKILL);
  RunUntil([&] { return !lost.empty(); });
  EXPECT_EQ(lost, std::vector<std::string>{"parent was ended by signal 9 (Killed)"});
  RunUntil([&] { return HasEnded(child); });
  ASSERT_TRUE(Load("parent").ok()) << "it can be started again";
}

TEST_F(CommandHostTest, NoProcessOutlivesTheHost) {
  ASSERT_TRUE(Load("ada").ok());
  const pid_t pid = PidOf("ada");
  host.reset();
  EXPECT_TRUE(IsGone(pid));
}

TEST_F(CommandHostTest, WhatCannotBeStartedSaysWhy) {
  backend.residency.command = {"/nowhere/server", "{port}"};
  const auto loaded = Load("ada");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message, "cannot start /nowhere/server: No such file or directory");
}

TEST_F(CommandHostTest, AModelsNameIsNoOptionAndNoWayOut) {
  for (const char* name : {"-x", "--verbose", "../etc/passwd", "/etc/passwd", "a b", "a;b", ""}) {
    const auto loaded = Load(name);
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.error().code, ErrorCode::kInvalid) << name;
  }
}

}  // namespace
}  // namespace moerge::test
