#include "services/pipeline/seats.h"

#include <gtest/gtest.h>

#include "router/recruit/combination.h"
#include "tests/services/pipeline/seats_fixture.h"

namespace moerge::test {
namespace {

struct SeatsTest : SeatsFixture, testing::Test {
  std::vector<ExpertId> Ids(const std::vector<std::string>& names) const {
    std::vector<ExpertId> ids;
    for (const std::string& name : names) ids.push_back(InternExpert(name));
    return ids;
  }
  std::vector<double> Weights() const {
    std::vector<double> weights;
    for (const Member& member : seats->all()) weights.push_back(member.weight);
    return weights;
  }
};

struct FillCase {
  std::vector<std::string> roster;
  std::vector<std::string> fallbacks;
  std::string seated;
};

class SeatsFill : public SeatsTest, public testing::WithParamInterface<FillCase> {};

TEST_P(SeatsFill, ModelsSitInTheRostersOrder) {
  Recruit(GetParam().roster, GetParam().fallbacks);
  EXPECT_EQ(Seating(), GetParam().seated);
  EXPECT_EQ(seats->empty(), GetParam().seated.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Rosters, SeatsFill,
    testing::Values(FillCase{{"b", "a"}, {"c"}, "b a"},           // fallbacks wait
                    FillCase{{"calc", "a"}, {}, "a"},             // tools are asked before
                    FillCase{{"calc"}, {"calc", "c", "d"}, "c"},  // a tool alone: the next model
                    FillCase{{"a", "gone"}, {}, "a"},             // deleted since it was recruited
                    FillCase{{"calc"}, {}, ""}, FillCase{{}, {}, ""}));

TEST_F(SeatsTest, MembersHaveTheirSeatsWeightAndWhatIsExpected) {
  Recruit({"a", "b"}, {}, {{"a", 0.75f}});
  EXPECT_EQ(Seated("a").weight, 1);
  EXPECT_EQ(Seated("b").weight, 2);
  EXPECT_EQ(Seated("a").expected, 0.75);
  EXPECT_EQ(Seated("b").expected, 0) << "nothing is known of it";
}

TEST_F(SeatsTest, FallbacksReplaceInTheirOrderUntilNoneIsLeft) {
  Recruit({"a"}, {"calc", "c", "d"}, {{"c", 0.75f}});
  const Member& first = seats->all().front();
  seats->Replace();
  EXPECT_EQ(Seating(), "a c");
  EXPECT_EQ(Seated("c").expected, 0.75);
  EXPECT_EQ(Seated("c").weight, VoteWeight(0.75f, 0)) << "it was not recruited";
  seats->Replace();
  seats->Replace();
  EXPECT_EQ(Seating(), "a c d");
  EXPECT_EQ(&first, &seats->all().front()) << "references stay";
}

TEST_F(SeatsTest, AreAskedInTurn) {
  Recruit({"a", "b"});
  EXPECT_FALSE(seats->AllAsked());
  EXPECT_EQ(seats->NextInLine().expert, Expert("a"));
  seats->NextInLine().asked = true;
  EXPECT_EQ(seats->NextInLine().expert, Expert("b"));
  EXPECT_EQ(seats->PlaceOf(seats->NextInLine()), 1u);
  seats->NextInLine().asked = true;
  EXPECT_TRUE(seats->AllAsked());
}

TEST_F(SeatsTest, RepliedAreThoseWithAReplyInOrder) {
  Recruit({"a", "b", "c"});
  Seated("c").reply.emplace();
  Seated("a").reply.emplace();
  const std::vector<Member*> expected = {&Seated("a"), &Seated("c")};
  EXPECT_EQ(seats->Replied(), expected);
}

TEST_F(SeatsTest, ReseatKeepsWhatMembersWeighAndSeatsOthersByWhatIsExpected) {
  Recruit({"a", "b"}, {"c"}, {{"d", 0.75f}});
  seats->Reseat(Ids({"d", "b", "calc", "gone"}));
  EXPECT_EQ(Seating(), "d b");
  EXPECT_EQ(Weights(), (std::vector<double>{VoteWeight(0.75f, 0), 2}));
  EXPECT_FALSE(seats->Has(Expert("a")));
  seats->Replace();
  EXPECT_EQ(Seating(), "d b") << "there are no fallbacks then";
}

struct DivideCase {
  std::vector<std::string> roster;
  std::size_t seats;
  std::string seated;
  std::vector<double> weights;
  std::vector<bool> varied;
};

class SeatsDivide : public SeatsTest, public testing::WithParamInterface<DivideCase> {};

TEST_P(SeatsDivide, SharesAnExpertsWeightAmongItsSeats) {
  Recruit(GetParam().roster);
  const ChatRequest varied;
  seats->Divide(GetParam().seats, varied);
  EXPECT_EQ(Seating(), GetParam().seated);
  EXPECT_EQ(Weights(), GetParam().weights);
  std::vector<bool> asked_varied;
  for (const Member& member : seats->all()) asked_varied.push_back(member.request == &varied);
  EXPECT_EQ(asked_varied, GetParam().varied);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, SeatsDivide,
    testing::Values(DivideCase{{"a"}, 2, "a a", {0.5, 0.5}, {true, true}},
                    DivideCase{{"a", "b"}, 3, "a b a", {0.5, 2, 0.5}, {true, false, true}},
                    DivideCase{
                        {"a", "b"}, 4, "a b a b", {0.5, 1, 0.5, 1}, {true, true, true, true}},
                    DivideCase{{"a", "b"}, 2, "a b", {1, 2}, {false, false}},
                    DivideCase{{"a", "b", "c"}, 2, "a b c", {1, 2, 3}, {false, false, false}}));

TEST_F(SeatsTest, DismissLeavesTheOnlyMember) {
  Recruit({"a", "b"});
  seats->Dismiss(Expert("c"));
  EXPECT_EQ(Seating(), "a b") << "it does not sit";
  seats->Dismiss(Expert("a"));
  seats->Dismiss(Expert("b"));
  EXPECT_EQ(Seating(), "b");
}

TEST_F(SeatsTest, AskAllGivesEveryMemberTheRequest) {
  Recruit({"a", "b"});
  const ChatRequest other;
  seats->AskAll(other);
  for (const Member& member : seats->all()) EXPECT_EQ(member.request, &other);
}

TEST_F(SeatsTest, AnAddedMemberIsNotAsked) {
  Recruit({"a"});
  seats->NextInLine().asked = true;
  const Member& author = seats->Add(*Expert("e"));
  EXPECT_TRUE(seats->AllAsked());
  EXPECT_EQ(&author, &seats->all().back());
  EXPECT_EQ(author.weight, 0) << "it casts no vote that counts";
}

}  // namespace
}  // namespace moerge::test
