// Who writes and who judges where that was measured.
#include "services/roles/election.h"

#include <gtest/gtest.h>

#include "tests/services/pipeline/aggregate_fixture.h"

namespace moerge {
namespace {

using test::Has;
using test::Says;

struct ElectionRound : testing::Test, test::AggregateFixture {
  explicit ElectionRound(const std::string& aggregate = "synthesize")
      : AggregateFixture(aggregate) {
    Skill algebra;
    algebra.name = "algebra";
    algebra.category = "maths";
    state.skills = {algebra};
    Restate();
    router().skill = "algebra";
  }

  // "author.algebra" of an expert; after all options.
  void Measured(const std::string& expert, const std::string& name, double wins, double trials) {
    stored.evidence.Put({{expert, name, wins, trials, "elect:t", {}}});
    router().Use(*BuildSnapshot(state, stored));
  }

  StoredState stored;
};

TEST_F(ElectionRound, TheMeasuredAuthorWritesThoughAnotherIsExpectedToBeBetter) {
  Measured("two", "author.algebra", 17, 20);
  Measured("three", "author.algebra", 12, 20);
  script->plays["two"] = {Says("a draft"), Says("written by two")};
  EXPECT_EQ(AskPrime()->content, "written by two");
  EXPECT_TRUE(Noted("author elected for algebra: two, right in 17 of 20 tasks"));
}

TEST_F(ElectionRound, WithoutMeasurementsTheBestExpectedWrites) {
  script->plays["four"] = {Says("written by four")};
  EXPECT_EQ(AskPrime()->content, "written by four");
  EXPECT_FALSE(Noted("elected"));
}

TEST_F(ElectionRound, OtherCategoriesAndOtherRolesDoNotElect) {
  Measured("two", "author.law", 20, 20);
  Measured("three", "judge.algebra", 20, 20);
  script->plays["four"] = {Says("written by four")};
  EXPECT_EQ(AskPrime()->content, "written by four");
  EXPECT_FALSE(Noted("elected"));
}

TEST_F(ElectionRound, WhereNobodyWasMeasuredAtTheSkillItsCategoryCounts) {
  Measured("two", "author.maths", 17, 20);
  script->plays["two"] = {Says("a draft"), Says("written by two")};
  EXPECT_EQ(AskPrime()->content, "written by two");
  EXPECT_TRUE(Noted("author elected for maths: two"));
}

TEST_F(ElectionRound, AnAuthorThatThePolicyNamesWritesAllTheSame) {
  Option("author.expert", "one");
  Measured("two", "author.algebra", 20, 20);
  script->plays["one"] = {Says("a draft"), Says("written by one")};
  EXPECT_EQ(AskPrime()->content, "written by one");
  EXPECT_FALSE(Noted("elected"));
}

TEST_F(ElectionRound, AnElectedAuthorThatFailsGivesWayToTheNextMeasured) {
  Measured("two", "author.algebra", 17, 20);
  Measured("three", "author.algebra", 12, 20);
  script->plays["two"] = {Says("a draft"), test::Breaks(test::Fails(ErrorCode::kUpstream))};
  script->plays["three"] = {Says("a draft"), Says("written by three")};
  EXPECT_EQ(AskPrime()->content, "written by three");
}

TEST_F(ElectionRound, MeasuringRolesChangesNoStrength) {
  Measured("two", "author.algebra", 0, 500);
  const ExpertEntry* two = router().snapshot()->FindExpert("two");
  EXPECT_TRUE(two->record.empty());
  ASSERT_EQ(two->roles.size(), 1u);
}

TEST_F(ElectionRound, FewTasksAreReadBesideTheOtherCategories) {
  // By algebra alone one leads; over all categories two does by far.
  for (const char* name : {"author.law", "author.art", "author.botany"}) {
    Measured("one", name, 4, 20);
    Measured("two", name, 18, 20);
  }
  Measured("one", "author.algebra", 4, 5);
  Measured("two", "author.algebra", 3, 5);
  script->plays["two"] = {Says("a draft"), Says("written by two")};
  EXPECT_EQ(AskPrime()->content, "written by two");
}

struct JudgeElection : ElectionRound {
  JudgeElection() : ElectionRound("best_of") {
    Option("best_of.scorer", "judge");
    router().roster = {"one", "two"};
    script->plays["one"] = {Says("first text")};
    script->plays["two"] = {Says("second text")};
  }
};

TEST_F(JudgeElection, TheMeasuredJudgeComesBeforeTheStronger) {
  Measured("three", "judge.algebra", 15, 20);
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_EQ(Asked(), "one two three three");
  EXPECT_TRUE(Noted("judge elected for algebra: three, right in 15 of 20 tasks"));
}

TEST_F(JudgeElection, WhoAgreedTooSeldomDoesNotJudge) {
  Measured("four", "judge.algebra", 11, 20);
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_EQ(Asked(), "one two two one") << "not four, though it is expected to be the best";
  EXPECT_TRUE(Noted("no judge for algebra: four, right in 11 of 20 tasks"));
}

TEST_F(JudgeElection, TheFloorIsThePolicys) {
  Option("judge.agreement", "0.5");
  Measured("four", "judge.algebra", 11, 20);
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_EQ(Asked(), "one two four four");
}

TEST_F(JudgeElection, TheFloorHoldsForNamedJudgesToo) {
  Option("judge.experts", "three, four");
  Measured("three", "judge.algebra", 1, 20);
  ASSERT_TRUE(AskPrime().ok());
  EXPECT_EQ(Asked(), "one two four four");
}

TEST_F(JudgeElection, WhereNobodyMayJudgeTheStrongestAnswerStands) {
  for (const char* name : {"one", "two", "three", "four"}) Measured(name, "judge.algebra", 1, 20);
  EXPECT_EQ(AskPrime()->content, "first text");
  EXPECT_EQ(Asked(), "one two");
  EXPECT_TRUE(Noted("no judge gave a score"));
}

}  // namespace
}  // namespace moerge
