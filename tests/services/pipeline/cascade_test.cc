// Cheap experts first, and expensive ones while the answer is not sure enough.
#include <gtest/gtest.h>

#include "tests/services/pipeline/aggregate_fixture.h"

namespace moerge {
namespace {

using test::Breaks;
using test::Fails;
using test::Has;
using test::Says;

struct CascadeRound : testing::Test, test::AggregateFixture {
  CascadeRound() : AggregateFixture("cascade") {
    // one is the cheapest and weakest, four the most expensive and strongest.
    const double prices[] = {0.1, 0.5, 2, 10};
    for (std::size_t i = 0; i < 4; ++i) state.experts[i].price = {prices[i], prices[i]};
    router().roster = {"four"};
    router().weights = {2};
    router().fallbacks = {"three", "two", "one"};
    router().expected = {{"one", 0.55f}, {"two", 0.6f}, {"three", 0.7f}, {"four", 0.8f}};
    Restate();
  }
};

TEST_F(CascadeRound, AgreementOfCheapExpertsSparesTheDearOnes) {
  script->plays["one"] = {Says("(B)")};
  script->plays["two"] = {Says("The answer is (B).")};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(Asked(), "one two");
  EXPECT_EQ(reply->content, "The answer is (B).") << "the stronger one's text";
  EXPECT_GT(*record.answer_confidence, 0.7);
  EXPECT_TRUE(Noted("good enough from"));
}

TEST_F(CascadeRound, DisagreementGoesOnToTheDearest) {
  script->plays["one"] = {Says("(A)")};
  script->plays["two"] = {Says("(C)")};
  script->plays["three"] = {Says("(A)")};
  script->plays["four"] = {Says("(B)")};
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_EQ(Asked(), "one two three four");
}

TEST_F(CascadeRound, ALowTargetIsReachedByTheCheapestAlone) {
  Option("cascade.target", "0.5");
  script->plays["one"] = {Says("(A)")};
  EXPECT_EQ(AskPrime()->content, "(A)");
  EXPECT_EQ(Asked(), "one");
}

TEST_F(CascadeRound, OneThatFailsIsFollowedByTheNext) {
  script->plays["one"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  script->plays["two"] = {Says("(B)")};
  script->plays["three"] = {Says("(B)")};
  EXPECT_EQ(AskPrime()->content, "(B)");
  EXPECT_EQ(Attempts(), "one:failed two:ok three:ok");
}

TEST_F(CascadeRound, NoMoreThanThePolicyAllows) {
  Option("cascade.max", "2");
  script->plays["one"] = {Says("(A)")};
  script->plays["four"] = {Says("(B)")};
  EXPECT_EQ(AskPrime()->content, "(B)");
  EXPECT_EQ(Asked(), "one four");
}

TEST_F(CascadeRound, AFreeTextIsAskedOfTheCheapestThatIsGoodEnoughAndStreams) {
  script->plays["four"] = {test::Play{{"{\"c\":1}"}, {}, false, {}}};
  test::KeptStream stream;
  ASSERT_TRUE(Ask(Request("Write a poem about the sea."), &stream).ok());
  EXPECT_EQ(Asked(), "four") << "0.9 of what four is expected to do is more than three's";
  EXPECT_EQ(stream.chunks, std::vector<std::string>{"{\"c\":1}"});
}

TEST_F(CascadeRound, WhoFailsAtAFreeTextIsNotAskedAgain) {
  for (const char* name : {"one", "two", "three", "four"}) {
    script->plays[name] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  }
  ASSERT_FALSE(Ask(Request("Write a poem about the sea.")).ok());
  EXPECT_EQ(std::ranges::count(script->asked, "four"), 1) << "it is the roster's too";
}

TEST_F(CascadeRound, TokenProbabilitiesTellWhereThePolicyWantsThem) {
  Option("cascade.logprob_weight", "1");
  Option("cascade.target", "0.85");
  const auto sure = [](const std::string& text, double logprob) {
    test::Play play = Says(text);
    play.message = R"({"role":"assistant","content":"x"},"logprobs":{"content":[{"logprob":)" +
                   std::to_string(logprob) + "}]}";
    return play;
  };
  script->plays["one"] = {sure("(A)", -3)};
  script->plays["two"] = {sure("(B)", -0.0001)};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "(B)");
  EXPECT_EQ(Asked(), "one two") << "one is unsure of itself, two is not";
  EXPECT_TRUE(Has(script->bodies.front(), R"("logprobs":true)"));
  EXPECT_FALSE(Has(reply->json, "-0.0001")) << "the client did not ask for them";
}

TEST_F(CascadeRound, ACeilingOfCostEndsItWithWhatThereIs) {
  Option("limits.cost_usd", "0.0005");  // one's and two's calls, not three's
  script->plays["one"] = {Says("(A)")};
  script->plays["two"] = {Says("(B)")};
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_EQ(record.ledger.limit(), "cost");
}

struct Floor : testing::Test, test::AggregateFixture {
  Floor() : AggregateFixture("vote") {
    Option("confidence.floor", "0.9");
    script->plays["one"] = {Says("(A)")};
    script->plays["two"] = {Says("(B)")};
    script->plays["three"] = {Says("(C)")};
  }
};

TEST_F(Floor, BelowItThePolicysWordsAreTheAnswer) {
  Option("confidence.words", "Ask a human.");
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "Ask a human.");
  EXPECT_TRUE(Noted("abstained"));
  EXPECT_LT(*record.answer_confidence, 0.9);
}

TEST_F(Floor, AboveItTheAnswerIsGiven) {
  Option("confidence.floor", "0.5");
  script->plays["two"] = {Says("(A)")};
  script->plays["three"] = {Says("(A)")};
  EXPECT_EQ(AskPrime()->content, "(A)");
  EXPECT_FALSE(Noted("abstained"));
}

TEST_F(Floor, ItEscalatesToSomebodyWhoHasNotAnswered) {
  Option("confidence.below", "escalate");
  script->plays["four"] = {Says("from the strongest")};
  EXPECT_EQ(AskPrime()->content, "from the strongest");
  EXPECT_TRUE(Noted("escalated to `four`"));
}

TEST_F(Floor, WithNobodyLeftTheBestIsGivenAndSaidToBe) {
  Option("confidence.below", "escalate");
  script->plays["four"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  EXPECT_EQ(AskPrime()->content, "(A)");
  EXPECT_TRUE(Noted("no expert is left to escalate to"));
}

TEST_F(Floor, AskedInOtherWordsAnExpertThatKnowsSaysTheSame) {
  Option("confidence.floor", "0.55");
  Option("confidence.paraphrases", "2");
  script->plays["one"] = {Says("(A)"), Says("Say which is prime"), Says("Name the prime"),
                          Says("(A)"), Says("The answer is (A).")};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "(A)");
  EXPECT_TRUE(Noted("said the same 2 of 2 times"));
  EXPECT_TRUE(Has(script->bodies[script->bodies.size() - 2], "Say which is prime"));
}

TEST_F(Floor, OneThatSaysAnotherThingIsNotBelieved) {
  Option("confidence.floor", "0.55");
  Option("confidence.paraphrases", "2");
  script->plays["one"] = {Says("(A)"), Says("Say which is prime"), Says("Name the prime"),
                          Says("(C)"), Says("(B)")};
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_TRUE(Noted("said the same 0 of 2 times"));
  EXPECT_TRUE(Noted("abstained"));
}

TEST_F(Floor, NothingIsBuiltOnUnsureAnswers) {
  state.policies.front().aggregate = "synthesize";
  Restate();
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_TRUE(Noted("abstained"));
  EXPECT_EQ(Asked(), "one two three");
}

}  // namespace
}  // namespace moerge
