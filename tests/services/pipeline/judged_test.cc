// Aggregates that choose among answers: best_of, panel, debate, race.
#include <gtest/gtest.h>

#include "tests/services/pipeline/aggregate_fixture.h"

namespace moerge {
namespace {

using test::Breaks;
using test::Fails;
using test::Has;
using test::Play;
using test::Says;

struct BestOfRound : testing::Test, test::AggregateFixture {
  BestOfRound() : AggregateFixture("best_of") {
    Option("judge.experts", "four");
    script->plays["one"] = {Says("first text")};
    script->plays["two"] = {Says("second text")};
    script->plays["three"] = {Says("third text")};
  }
};

TEST_F(BestOfRound, TheHighestScoreWins) {
  Option("best_of.scorer", "judge");
  script->plays["four"] = {Says("SCORE: 20"), Says("well\n**SCORE: 90**"), Says("SCORE: 55")};
  EXPECT_EQ(AskPrime()->content, "second text");
  EXPECT_EQ(Asked(), "one two three four four four");
  EXPECT_TRUE(Has(script->bodies[4], "second text"));
  EXPECT_FALSE(Has(script->bodies[4], "first text"));
  EXPECT_TRUE(Has(script->bodies[4], "Which is a prime?"));
}

TEST_F(BestOfRound, AJudgeThatTalksNonsenseLeavesTheStrongest) {
  Option("best_of.scorer", "judge");
  script->plays["four"] = {Says("SCORE: 7000"), Says("no idea"), Says("")};
  EXPECT_EQ(AskPrime()->content, "first text");
  EXPECT_TRUE(Noted("no judge gave a score"));
}

TEST_F(BestOfRound, ByItselfItTakesAgreementWhereThereIsSome) {
  script->plays["one"] = {Says("(A)")};
  script->plays["two"] = {Says("(B)")};
  script->plays["three"] = {Says("(B)")};
  EXPECT_EQ(AskPrime()->content, "(B)");
  EXPECT_EQ(Asked(), "one two three");
}

TEST_F(BestOfRound, NobodyJudgesItsOwnAnswerWhileThereAreOthers) {
  Option("best_of.scorer", "judge");
  Option("judge.experts", "two, one");
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_EQ(Asked(), "one two three two one two");
  EXPECT_FALSE(Noted("judged an answer of its own"));
}

TEST_F(BestOfRound, WhereThereIsNobodyElseTheReplySaysSo) {
  Option("best_of.scorer", "judge");
  Option("judge.experts", "");
  state.experts = {test::LlmExpert("one")};
  Restate();
  router().roster = {"one", "one"};
  script->plays["one"] = {Says("x"), Says("y"), Says("SCORE: 1"), Says("SCORE: 2")};
  ASSERT_TRUE(Ask(Request("Write a poem of any length about whatever comes to your mind.")).ok());
  EXPECT_TRUE(Noted("`one` judged an answer of its own"));
}

TEST_F(BestOfRound, APairwiseVerdictCountsOnlyIfItHoldsWithPositionsSwapped) {
  Option("best_of.scorer", "pairwise");
  // one against two: B, then A of the swapped, both two's; two against three: always the first.
  script->plays["four"] = {Says("VERDICT: B"), Says("VERDICT: A"), Says("VERDICT: A"),
                           Says("VERDICT: A")};
  EXPECT_EQ(AskPrime()->content, "second text");
  EXPECT_TRUE(Noted("no verdict between `two` and `three`"));
}

TEST_F(BestOfRound, SeveralJudgesAreAveraged) {
  Option("best_of.scorer", "judge");
  Option("judge.count", "2");
  Option("judge.experts", "four,three");
  router().roster = {"one", "two"};
  // For each answer first four, then three.
  script->plays["four"] = {Says("SCORE: 50"), Says("SCORE: 60")};
  script->plays["three"] = {Says("SCORE: 90"), Says("SCORE: 20")};
  EXPECT_EQ(AskPrime()->content, "first text");
}

struct PanelRound : testing::Test, test::AggregateFixture {
  PanelRound() : AggregateFixture("panel") {
    Option("author.expert", "four");
    Option("judge.experts", "four,three");
    script->plays["one"] = {Says("first text")};
    script->plays["two"] = {Says("second text")};
    router().roster = {"one", "two"};
  }
  static constexpr const char* kMerged =
      R"(Here it is: {"agreed":[{"point":"7 is prime","experts":["A","B"]}],)"
      R"("conflicting":[{"point":"9","resolution":"is not"}],"isolated":["4 is even"],)"
      R"("answer":"the merged text"})";
};

TEST_F(PanelRound, TheMergedAnswerIsGivenIfTheJudgesRankItFirst) {
  script->plays["four"] = {Says(kMerged)};
  script->plays["three"] = {Says("RANKING: C > A > B")};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "the merged text");
  EXPECT_EQ(Asked(), "one two four three") << "the chair does not judge its own merge";
  EXPECT_TRUE(Noted("agreed: 7 is prime"));
  EXPECT_TRUE(Noted("conflicting: 9; is not"));
  EXPECT_TRUE(Noted("isolated: 4 is even"));
  EXPECT_EQ(record.Charged().usage.prompt_tokens, 4000);
}

TEST_F(PanelRound, AnIndividualAnswerIsGivenWhereTheMergeMadeItWorse) {
  script->plays["four"] = {Says(kMerged)};
  script->plays["three"] = {Says("RANKING: B > A > C")};
  EXPECT_EQ(AskPrime()->content, "second text");
  EXPECT_TRUE(Noted("given: the answer of `two`"));
}

TEST_F(PanelRound, AChairThatMergesNothingLeavesTheAnswers) {
  script->plays["four"] = {Says("I cannot."), Says("RANKING: B > A")};
  script->plays["three"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "second text");
  EXPECT_TRUE(Noted("merged nothing"));
}

TEST_F(PanelRound, AStreamGetsTheMergedText) {
  script->plays["four"] = {Says(kMerged)};
  script->plays["three"] = {Says("RANKING: C > A > B")};
  test::KeptStream stream;
  ASSERT_TRUE(AskPrime(&stream).ok());
  EXPECT_TRUE(Has(stream.chunks.at(1), "the merged text"));
}

struct DebateRound : testing::Test, test::AggregateFixture {
  DebateRound() : AggregateFixture("debate") {
    Option("judge.experts", "three");
    Option("debate.rounds", "1");
    router().roster = {"one", "two"};
  }
};

TEST_F(DebateRound, WhereBothAgreeNobodyElseIsAsked) {
  script->plays["one"] = {Says("The answer is (B).")};
  script->plays["two"] = {Says("(B)")};
  EXPECT_EQ(AskPrime()->content, "The answer is (B).");
  EXPECT_EQ(Asked(), "one two");
}

TEST_F(DebateRound, WhoIsConvincedEndsIt) {
  script->plays["one"] = {Says("(A)"), Says("You are right: the answer is (B).")};
  script->plays["two"] = {Says("(B)"), Says("(B), since 4 is even.")};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "You are right: the answer is (B).");
  EXPECT_EQ(Told(), "one:answer:A two:answer:B one:rebuttal:B! two:rebuttal:B!");
  EXPECT_TRUE(Has(script->bodies[2], "begin B (0123456789abcdef) =====\\n(B)"));
}

TEST_F(DebateRound, TheJudgeDecidesTheSameTwiceWithPositionsSwapped) {
  script->plays["one"] = {Says("(A)"), Says("(A)")};
  script->plays["two"] = {Says("(B)"), Says("(B), indeed")};
  script->plays["three"] = {Says("VERDICT: B"), Says("VERDICT: A")};
  EXPECT_EQ(AskPrime()->content, "(B), indeed");
  EXPECT_TRUE(Noted("the judges chose `two`"));
  EXPECT_EQ(record.ledger.calls(), 6);
}

TEST_F(DebateRound, AVerdictThatHangsOnTheOrderDoesNotCount) {
  script->plays["one"] = {Says("(A)"), Says("(A)")};
  script->plays["two"] = {Says("(B)"), Says("(B)")};
  script->plays["three"] = {Says("VERDICT: B"), Says("VERDICT: B")};
  EXPECT_EQ(AskPrime()->content, "(A)");
  EXPECT_TRUE(Noted("no verdict that holds"));
}

TEST_F(DebateRound, WithOneSideAloneItsAnswerStands) {
  script->plays["one"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  script->plays["two"] = {Says("(B)")};
  EXPECT_EQ(AskPrime()->content, "(B)");
  EXPECT_TRUE(Noted("no expert answered against `two`"));
}

struct RaceRound : testing::Test, test::AggregateFixture {
  RaceRound() : AggregateFixture("race") { router().roster = {"one", "two"}; }
  static Play Never() {
    Play never = Breaks(Fails(ErrorCode::kCancelled));
    never.wait_for_cancel = true;
    return never;
  }
};

TEST_F(RaceRound, TheFirstAnswerWinsAndTheOthersAreAborted) {
  script->plays["one"] = {Never()};
  script->plays["two"] = {Says("quick")};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "quick");
  EXPECT_EQ(record.expert->spec.name, "two");
  EXPECT_TRUE(Has(Attempts(), "one:cancelled")) << Attempts();
  EXPECT_EQ(record.Charged().usage.prompt_tokens, 2000) << "the other's prompt is paid for";
}

TEST_F(RaceRound, AnEmptyAnswerIsNoneWhileThereAreOthers) {
  script->plays["one"] = {Says("")};
  script->plays["two"] = {Says("something")};
  EXPECT_EQ(AskPrime()->content, "something");
}

TEST_F(RaceRound, AnAnswerThatIsNotGoodIsBetterThanNone) {
  script->plays["one"] = {Says("")};
  script->plays["two"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  const auto reply = AskPrime();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "");
  EXPECT_TRUE(Noted("no answer was good"));
}

TEST_F(RaceRound, AHedgedExpertIsNotAskedWhereTheFirstIsQuick) {
  Option("race.hedge", "0.95");
  Option("race.hedge_ms", "600000");
  script->plays["one"] = {Says("quick")};
  EXPECT_EQ(AskPrime()->content, "quick");
  EXPECT_EQ(Asked(), "one");
}

TEST_F(RaceRound, AHedgedExpertIsAskedWhereTheFirstTakesLong) {
  Option("race.hedge", "0.95");
  Option("race.hedge_ms", "1");
  script->plays["one"] = {Never()};
  script->plays["two"] = {Says("the hedge")};
  EXPECT_EQ(AskPrime()->content, "the hedge");
}

TEST_F(RaceRound, AHedgedExpertIsAskedAtOnceWhereTheFirstFails) {
  Option("race.hedge", "0.95");
  Option("race.hedge_ms", "600000");
  script->plays["one"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  script->plays["two"] = {Says("the hedge")};
  EXPECT_EQ(AskPrime()->content, "the hedge");
}

TEST_F(RaceRound, AStreamIsWonByTheFirstChunkAndGoesStraightThrough) {
  script->plays["one"] = {Never()};
  script->plays["two"] = {Play{{"{\"c\":1}", "{\"c\":2}"}, {}, false, {}}};
  test::KeptStream stream;
  ASSERT_TRUE(AskPrime(&stream).ok());
  EXPECT_EQ(stream.chunks, (std::vector<std::string>{"{\"c\":1}", "{\"c\":2}"}));
  EXPECT_EQ(record.expert->spec.name, "two");
}

TEST_F(RaceRound, AStreamThatItsWinnerCutsIsNotGoneOnWithByAnother) {
  script->plays["one"] = {Play{{"{\"c\":1}"}, Fails(ErrorCode::kUnavailable, "cut"), false, {}}};
  script->plays["two"] = {Never()};
  test::KeptStream stream;
  const auto reply = AskPrime(&stream);
  ASSERT_FALSE(reply.ok());
  EXPECT_TRUE(Has(reply.error().message, "cut")) << reply.error().message;
  EXPECT_EQ(stream.chunks.size(), 1u);
}

TEST_F(RaceRound, AllFailedIsTheMostTellingError) {
  script->plays["one"] = {Breaks(Fails(ErrorCode::kUpstream, "not JSON"))};
  script->plays["two"] = {Breaks(Fails(ErrorCode::kUpstream, "HTML"))};
  const auto reply = AskPrime();
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUpstream);
}

}  // namespace
}  // namespace moerge
