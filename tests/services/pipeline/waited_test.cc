// What a request has waited for experts: the time in which at least one of its attempts was under
// way, however the aggregate makes its calls.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tests/services/pipeline/aggregate_fixture.h"

namespace moerge {
namespace {

using test::Breaks;
using test::Fails;
using test::Play;
using test::Says;

// Once as many calls were made in all.
Play SaysAfter(std::size_t calls, std::string text) {
  Play play = Says(std::move(text));
  play.calls = calls;
  return play;
}

struct Waited : testing::Test, test::PipelineFixture {
  Waited() {
    state.experts = {test::LlmExpert("one"), test::LlmExpert("two"), test::LlmExpert("three"),
                     test::LlmExpert("four"), test::ToolExpert("calculator", "arithmetic")};
    state.backends.front().retries = 0;
    for (const char* name : {"vote", "race", "first", "layers"}) {
      Policy policy;
      policy.name = name;
      policy.aggregate = name;
      state.policies.push_back(policy);
    }
    state.policies.front().options.Set("vote.at_once", "3");
    state.policies.front().options.Set("vote.gain", "0");
    router().roster = {"one", "two", "three"};
    router().fallbacks = {"four"};
    router().expected = {{"one", 0.46f}, {"two", 0.43f}, {"three", 0.4f}, {"four", 0.4f}};
  }

  void AskPolicy(const std::string& policy) {
    ChatRequest request = Request("Which is a prime?\nA. 4\nB. 7\nC. 9");
    request.policy = policy;
    const Result<ChatReply> reply = Ask(request);
    ASSERT_TRUE(reply.ok()) << reply.error().message;
  }

  // The nanoseconds that the attempts cover together.
  std::int64_t Covered() const {
    using std::chrono::nanoseconds;
    std::vector<std::pair<std::int64_t, std::int64_t>> stretches;
    for (const Attempt& attempt : record.attempts) {
      const std::int64_t begin = nanoseconds(attempt.begin.time_since_epoch()).count();
      stretches.emplace_back(begin, begin + std::llround(attempt.ms * 1e6));
    }
    std::ranges::sort(stretches);
    std::int64_t covered = 0;
    std::int64_t until = 0;
    for (const auto& [begin, end] : stretches) {
      covered += std::max(end, until) - std::max(begin, until);
      until = std::max(until, end);
    }
    return covered;
  }

  std::int64_t Counted() const { return std::chrono::nanoseconds(record.upstream.ended()).count(); }
};

TEST_F(Waited, ForCallsSideBySide) {
  script->plays["one"] = {SaysAfter(3, "B")};
  script->plays["two"] = {SaysAfter(3, "B")};
  AskPolicy("vote");
  EXPECT_EQ(Attempts(), "three:ok one:ok two:ok");
  EXPECT_EQ(Counted(), Covered());
  EXPECT_EQ(record.upstream.under_way(), 0);
}

TEST_F(Waited, ForCallsThatOverlapAndOneThatReplacesAnother) {
  script->plays["one"] = {SaysAfter(3, "B")};
  Play fails = Breaks(Fails(ErrorCode::kUpstream));
  fails.calls = 3;
  script->plays["two"] = {fails};
  script->plays["three"] = {SaysAfter(4, "B")};
  AskPolicy("vote");
  EXPECT_EQ(Attempts(), "one:ok two:failed four:ok three:ok");
  EXPECT_EQ(Counted(), Covered());
}

TEST_F(Waited, ForCallsOneAfterTheOther) {
  state.policies.front().options.Set("vote.at_once", "1");
  Restate();
  script->plays["one"] = {Says("A")};
  script->plays["two"] = {Says("B")};
  script->plays["three"] = {Says("B")};
  AskPolicy("vote");
  EXPECT_EQ(Attempts(), "one:ok two:ok three:ok");
  EXPECT_EQ(Counted(), Covered());
}

TEST_F(Waited, ForAFallback) {
  script->plays["one"] = {Breaks(Fails(ErrorCode::kUpstream))};
  script->plays["two"] = {Breaks(Fails(ErrorCode::kUpstream))};
  AskPolicy("first");
  EXPECT_EQ(Attempts(), "one:failed two:failed three:ok");
  EXPECT_EQ(Counted(), Covered());
}

TEST_F(Waited, ForThoseThatLoseARace) {
  script->plays["one"] = {Play{.wait_for_cancel = true}};
  script->plays["two"] = {SaysAfter(3, "B")};
  script->plays["three"] = {Play{.wait_for_cancel = true}};
  state.policies[1].options.Set("race.hedge", "0");
  Restate();
  AskPolicy("race");
  EXPECT_EQ(record.attempts.size(), 3u) << Attempts();
  EXPECT_EQ(Counted(), Covered());
}

TEST_F(Waited, ForAToolAndThoseWhoAreAskedAfterIt) {
  router().roster = {"calculator", "one", "two"};
  script->plays["one"] = {SaysAfter(2, "B")};
  AskPolicy("vote");
  EXPECT_EQ(record.attempts.front().outcome, AttemptOutcome::kDeclined) << Attempts();
  EXPECT_EQ(Counted(), Covered());
}

TEST_F(Waited, ForRoundsOfCalls) {
  script->plays["one"] = {SaysAfter(3, "B")};
  AskPolicy("layers");
  EXPECT_GT(record.attempts.size(), 3u) << Attempts();
  EXPECT_EQ(Counted(), Covered());
}

}  // namespace
}  // namespace moerge
