#include "services/verify/verifier_runner.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <thread>

#include "tests/services/verify/sandbox_fixture.h"

namespace moerge {
namespace {

using testing::HasSubstr;

constexpr char kEndless[] = "while True: pass";

// One event loop and a runner that ends before it.
class VerifierRunnerTest : public SandboxTest {
 protected:
  static Verifier Tests(std::chrono::milliseconds timeout = std::chrono::minutes(2)) {
    return Verifier{TestsVerifier{"python", "assert f(2) == 4", timeout}};
  }

  // The result, put where the test can see it.
  static Task<void> CheckInto(VerifierRunner& runner, Verifier verifier, std::string answer,
                              Deadline deadline, Cancellation& cancellation,
                              std::optional<Result<Verification>>* result) {
    *result = co_await runner.Check(std::move(verifier), std::move(answer), deadline, cancellation);
  }

  void Start(VerifierRunner& runner, std::string answer, Deadline deadline = Deadline::Never()) {
    results_.emplace_back();
    Spawn(loop_.get_executor(), "check",
          CheckInto(runner, Tests(), std::move(answer), deadline, cancellation_, &results_.back()));
  }

  ErrorCode Code(std::size_t index) {
    return results_[index] && !results_[index]->ok() ? results_[index]->error().code
                                                     : ErrorCode::kInternal;
  }

  boost::asio::io_context loop_;
  Cancellation cancellation_;
  std::deque<std::optional<Result<Verification>>> results_;
};

TEST_F(VerifierRunnerTest, JudgesCodeOfAnswers) {
  VerifierRunner runner(AllowedSandbox());
  Start(runner, "Here:\n```python\ndef f(x): return 2 * x\n```\n");
  Start(runner, "```python\ndef f(x): return x\n```");
  loop_.run();
  ASSERT_TRUE((*results_[0]).ok()) << (*results_[0]).error().message;
  EXPECT_TRUE((*results_[0])->passed) << (*results_[0])->why;
  EXPECT_FALSE((*results_[1])->passed);
  EXPECT_EQ(runner.load().running + runner.load().queued, 0u);
}

TEST_F(VerifierRunnerTest, ManyMoreThanRunAtATimeAllGetTheirVerdict) {
  VerifierRunner runner(AllowedSandbox());
  for (int i = 0; i < 12; ++i) Start(runner, "def f(x): return 4 + " + std::to_string(i % 2));
  EXPECT_LE(runner.load().running, 2u);
  loop_.run();
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(results_[i]->ok()) << results_[i]->error().message;
    EXPECT_EQ((*results_[i])->passed, i % 2 == 0);
  }
}

TEST_F(VerifierRunnerTest, LoopsOfSeveralThreadsShareIt) {
  VerifierRunner runner(AllowedSandbox());
  const auto one_loop = [&runner] {
    boost::asio::io_context loop;
    Cancellation cancellation;
    std::optional<Result<Verification>> result;
    Spawn(
        loop.get_executor(), "check",
        CheckInto(runner, Tests(), "def f(x): return 4", Deadline::Never(), cancellation, &result));
    loop.run();
    EXPECT_TRUE(result->ok() && (*result)->passed);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(one_loop);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(VerifierRunnerTest, CancellingLetsGoAtOnceAndEndsTheRun) {
  VerifierRunner runner(AllowedSandbox());
  for (int i = 0; i < 4; ++i) Start(runner, kEndless);  // two run, two wait
  cancellation_.Cancel();
  loop_.run();
  for (std::size_t i = 0; i < results_.size(); ++i) EXPECT_EQ(Code(i), ErrorCode::kCancelled);
}

TEST_F(VerifierRunnerTest, WhatIsCancelledBeforehandIsNotRun) {
  VerifierRunner runner(AllowedSandbox());
  cancellation_.Cancel();
  Start(runner, kEndless);
  loop_.run();
  EXPECT_EQ(Code(0), ErrorCode::kCancelled);
}

TEST_F(VerifierRunnerTest, TheDeadlineIsKeptAlsoInTheQueue) {
  SandboxOptions options = AllowedSandbox();
  options.parallel = 1;
  VerifierRunner runner(options);
  Start(runner, kEndless, Deadline::After(std::chrono::milliseconds(300)));
  Start(runner, kEndless, Deadline::After(std::chrono::milliseconds(100)));
  loop_.run();
  EXPECT_EQ(Code(0), ErrorCode::kTimeout);
  EXPECT_EQ(Code(1), ErrorCode::kTimeout);
}

TEST_F(VerifierRunnerTest, AFullQueueIsSaid) {
  SandboxOptions options = AllowedSandbox();
  options.parallel = 1;
  options.queued = 1;
  VerifierRunner runner(options);
  for (int i = 0; i < 3; ++i) Start(runner, kEndless);
  loop_.poll();
  EXPECT_EQ(Code(2), ErrorCode::kRateLimited);
  cancellation_.Cancel();
  loop_.run();
  EXPECT_EQ(Code(1), ErrorCode::kCancelled);
}

TEST_F(VerifierRunnerTest, ItsEndStopsWhatRuns) {
  {
    SandboxOptions options = AllowedSandbox();
    options.parallel = 1;
    VerifierRunner runner(options);
    for (int i = 0; i < 3; ++i) Start(runner, kEndless);
    loop_.poll();
  }
  loop_.run();
  for (std::size_t i = 0; i < results_.size(); ++i) {
    EXPECT_THAT(Code(i), testing::AnyOf(ErrorCode::kUnavailable, ErrorCode::kCancelled));
  }
}

TEST(VerifierRunner, JudgesTextsOnTheSpot) {
  VerifierRunner runner{SandboxOptions()};
  boost::asio::io_context loop;
  Cancellation cancellation;
  std::optional<Result<Verification>> result;
  const auto check = [](VerifierRunner& runner, Cancellation& cancellation,
                        std::optional<Result<Verification>>* result) -> Task<void> {
    const auto document = json::Document::Parse(R"({"regex": "b"})");
    Verifier verifier = *ParseVerifier(document->root());
    std::string answer = "abc";
    *result = co_await runner.Check(std::move(verifier), std::move(answer), Deadline::Never(),
                                    cancellation);
  };
  Spawn(loop.get_executor(), "check", check(runner, cancellation, &result));
  loop.run();
  EXPECT_TRUE((*result)->passed);
}

TEST(VerifierRunner, TestsAreRefusedWhereTheyAreNotAllowed) {
  VerifierRunner runner{SandboxOptions()};
  const Status ready = runner.Ready("python");
  ASSERT_FALSE(ready.ok());
  EXPECT_EQ(ready.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace moerge
