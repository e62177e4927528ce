#include "services/pipeline/ballot_box.h"

#include <gtest/gtest.h>

#include "tests/services/pipeline/seats_fixture.h"

namespace moerge::test {
namespace {

struct BallotBoxTest : SeatsFixture, testing::Test {
  BallotBox& Box(const BallotBox::Reading& reading = {.form = {.kind = AnswerKind::kNumber}}) {
    return box.emplace(reading, *seats, record);
  }

  static ChatReply Reply(std::string content, std::string json = "{}") {
    ChatReply reply;
    reply.content = std::move(content);
    reply.json = std::move(json);
    return reply;
  }

  // What "a" answers by a contribution of its own.
  Member& Say(const std::string& name, const std::string& text, std::string json = "{}") {
    Member& member = Seated(name);
    member.contribution = record.contributions.size();
    record.contributions.push_back({.expert = member.expert->id});
    box->Record(member, Reply(text, std::move(json)));
    return member;
  }
  std::string Leading() const {
    const Member* leader = box->Leader();
    return leader == nullptr ? "(none)" : leader->expert->spec.name;
  }
  std::string Winners() const {
    std::string text;
    for (const Contribution& each : record.contributions) {
      if (each.won) text.append(text.empty() ? "" : " ").append(NameOf(each.expert));
    }
    return text;
  }

  std::optional<BallotBox> box;
};

TEST_F(BallotBoxTest, RecordsWhatAReplyStates) {
  Recruit({"a", "b", "c"});
  Box();
  Member& a = Say("a", "<think>12?</think>The answer is 42.");
  const Member& b = Say("b", "#### 42.0");
  const Member& c = Say("c", "I do not know.");
  EXPECT_EQ(a.text, "The answer is 42.");
  EXPECT_EQ(box->AnswerOf(a), "42");
  EXPECT_EQ(a.answer, b.answer);
  EXPECT_LT(c.answer, 0);
  EXPECT_EQ(box->AnswerOf(c), "");
  EXPECT_EQ(record.contributions[0].answer, "42");
  EXPECT_EQ(record.contributions[1].weight, 2);
  EXPECT_EQ(record.contributions[2].answer, "");
  Say("a", "The answer is 43.");
  EXPECT_EQ(box->AnswerOf(a), "43") << "the latest counts";
}

TEST_F(BallotBoxTest, FunctionsAreComparedByTheirCalls) {
  Recruit({"a", "b", "c"});
  Box({.functions = true});
  const auto calls = [](std::string_view city) {
    return R"({"choices":[{"message":{"tool_calls":[{"function":{"name":"weather","arguments":)" +
           std::string(city) + "}}]}}]}";
  };
  const Member& a = Say("a", "", calls(R"("{\"city\":\"Rome\",\"days\":1}")"));
  const Member& b = Say("b", "Let me see.", calls(R"("{\"days\": 1, \"city\": \"Rome\"}")"));
  const Member& c = Say("c", "It rains.");
  EXPECT_TRUE(box->Compares());
  EXPECT_EQ(a.answer, b.answer);
  EXPECT_EQ(box->AnswerOf(c), "no call");
}

TEST_F(BallotBoxTest, ComparesWhereAnswersHaveAForm) {
  Recruit({"a"});
  EXPECT_TRUE(Box().Compares());
  EXPECT_FALSE(Box({}).Compares());
  EXPECT_TRUE(Box({.functions = true}).Compares());
}

struct LeaderCase {
  std::string name;
  std::vector<std::string> texts;  // of a, b, c, which weigh 1, 2, 3; empty: no reply
  std::vector<bool> failed;        // its check
  std::string leader;
};

class BallotBoxLeader : public BallotBoxTest, public testing::WithParamInterface<LeaderCase> {};

TEST_P(BallotBoxLeader, HasTheMostWeightBehindIt) {
  Recruit({"a", "b", "c"});
  Box();
  const char* names[] = {"a", "b", "c"};
  for (std::size_t i = 0; i < 3; ++i) {
    if (GetParam().texts[i].empty()) continue;
    Member& member = Say(names[i], GetParam().texts[i]);
    if (GetParam().failed[i]) box->NoteCheck(member, {.passed = false, .why = "it is wrong"});
  }
  EXPECT_EQ(Leading(), GetParam().leader);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, BallotBoxLeader,
    testing::Values(
        LeaderCase{"Heaviest", {"#### 1", "#### 2", "#### 3"}, {false, false, false}, "c"},
        LeaderCase{"FirstOfEqual", {"#### 1", "#### 1", "#### 3"}, {false, false, false}, "a"},
        LeaderCase{
            "FailedCountsForNothing", {"#### 1", "#### 2", "#### 3"}, {false, false, true}, "b"},
        LeaderCase{"NoneStatesAny", {"", "perhaps", "no idea"}, {false, false, false}, "b"},
        LeaderCase{"FailedStandsBehind", {"perhaps", "no idea", ""}, {true, false, false}, "b"},
        LeaderCase{"AllFailed", {"#### 1", "#### 2", ""}, {true, true, false}, "a"},
        LeaderCase{"NoReply", {"", "", ""}, {false, false, false}, "(none)"}),
    [](const auto& info) { return info.param.name; });

TEST_F(BallotBoxTest, ChecksAreNotedAndForgottenWithTheNextAnswer) {
  Recruit({"a", "b"});
  Box();
  Member& a = Say("a", "#### 1");
  box->NoteCheck(a, {.passed = false, .why = "1 is no prime"});
  EXPECT_TRUE(a.fails());
  EXPECT_EQ(box->CheckOf(a), "1 is no prime");
  EXPECT_EQ(box->Ballots()[0].answer, -1);
  Say("a", "#### 2");
  EXPECT_EQ(a.checked, Member::Checked::kNot);
  box->NoteCheck(a, {.passed = true, .why = ""});
  EXPECT_EQ(box->CheckOf(a), "passed");
  EXPECT_EQ(box->Ballots()[0].answer, a.answer);
  EXPECT_EQ(box->Ballots()[1].answer, -1) << "b has not answered";
}

TEST_F(BallotBoxTest, AllThatGaveTheWinningAnswerWin) {
  Recruit({"a", "b", "c"}, {}, {{"a", 0.5f}, {"b", 0.75f}, {"c", 0.5f}});
  Box();
  const Member& a = Say("a", "#### 7");
  Say("b", "#### 8");
  Say("c", "#### 7");
  box->NoteWinner(a);
  EXPECT_EQ(Winners(), "a c");
  const std::vector<Voice> voices = {{a.answer, 0.5}, {99, 0.75}, {a.answer, 0.5}};
  EXPECT_EQ(record.answer_confidence, CalibratedVoteConfidence(voices, a.answer));
}

TEST_F(BallotBoxTest, AWinnerWithoutAnAnswerWinsAloneAndIsNotSure) {
  Recruit({"a", "b"}, {}, {{"a", 0.5f}, {"b", 0.5f}});
  Box();
  record.answer_confidence = 0.9;
  const Member& a = Say("a", "perhaps");
  Say("b", "no idea");
  box->NoteWinner(a);
  EXPECT_EQ(Winners(), "a");
  EXPECT_EQ(record.answer_confidence, std::nullopt);
}

TEST_F(BallotBoxTest, AnotherAnswerOfTheSameExpertChangesHowSureItIs) {
  Recruit({"a"}, {}, {{"a", 0.75f}});
  Box();
  const Member& a = Say("a", "#### 7");
  box->NoteWinner(a);
  const double alone = *record.answer_confidence;
  record.contributions.resize(3);
  EXPECT_TRUE(box->Agrees(a, Reply("The answer is 7."), 1));
  EXPECT_GT(*record.answer_confidence, alone);
  const double agreed = *record.answer_confidence;
  EXPECT_FALSE(box->Agrees(a, Reply("The answer is 8."), 2));
  EXPECT_LT(*record.answer_confidence, agreed);
  EXPECT_EQ(record.contributions[1].answer, "7");
  EXPECT_EQ(record.contributions[2].answer, "8");
}

TEST_F(BallotBoxTest, AScoreIsWhatTheContributionCounts) {
  Recruit({"a"});
  Box();
  const Member& a = Say("a", "#### 7");
  box->Score(a, 0.25);
  EXPECT_EQ(record.contributions[0].weight, 0.25);
  EXPECT_EQ(a.weight, 1) << "a vote goes by the seat's weight nevertheless";
}

}  // namespace
}  // namespace moerge::test
