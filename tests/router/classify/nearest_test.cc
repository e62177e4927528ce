#include <gtest/gtest.h>

#include "router/classify/neighbour_index.h"
#include "tests/router/classify/classify_fixture.h"

namespace moerge {
namespace {

std::vector<Neighbour> Near(const NeighbourIndex& index, std::string_view prompt,
                            std::size_t count) {
  RequestText text;
  text.user = prompt;
  std::vector<Neighbour> found;
  index.Search(ExtractFeatures(Window(text)), count, &found);
  return found;
}

SparseRows Documents(const std::vector<std::string>& prompts) {
  SparseRows rows;
  for (const std::string& prompt : prompts) {
    RequestText text;
    text.user = prompt;
    rows.Add(ExtractFeatures(Window(text)));
  }
  return rows;
}

TEST(NeighbourIndex, TheSameTextIsNearestWithCosineOne) {
  const auto index = NeighbourIndex::Build(
      Documents({"bake the bread", "the rook takes the bishop", "boil an egg"}));
  const auto found = Near(index, "the rook takes the bishop", 2);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].row, 1u);
  EXPECT_NEAR(found[0].similarity, 1, 0.02);
}

TEST(NeighbourIndex, GivesAsManyAsWantedMostSimilarFirst) {
  Random random(3);
  std::vector<std::string> prompts;
  for (int i = 0; i < 300; ++i) prompts.push_back(TextOf(i % 2, &random));
  const auto index = NeighbourIndex::Build(Documents(prompts));
  const auto found = Near(index, prompts[7], 20);
  ASSERT_EQ(found.size(), 20u);
  for (std::size_t i = 1; i < found.size(); ++i) {
    EXPECT_LE(found[i].similarity, found[i - 1].similarity);
  }
}

TEST(NeighbourIndex, LongTextsStayBounded) {
  Random random(4);
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(random.Next()) + "abc" + " ";
  const auto index = NeighbourIndex::Build(Documents({text, text, "short"}));
  ByteWriter out;
  index.Write(&out);
  const std::size_t fixed = 2 * (kBuckets + 1) * 4 + 64;
  EXPECT_LE(out.Take().size(), fixed + 3 * NeighbourIndex::kMaxCells * 4 + 100);
}

TEST(Nearest, MoreNeighboursThanPromptsAreAllOfThem) {
  const auto classifier = Make("knn", TwoSubjects(20), {{"knn.k", "1000"}});
  EXPECT_EQ(TopOf(Ask(*classifier, "rook bishop pawn queen")), "chess");
}

TEST(Nearest, OneNeighbourDecidesAlone) {
  const auto classifier = Make("knn", ThreeSkills(), {{"knn.k", "1"}});
  const Demand demand = Ask(*classifier, "boil the pasta");
  EXPECT_EQ(TopOf(demand), "cooking");
  EXPECT_NE(AllNotes(demand).find("1 of the 1 most similar stored prompts (of 15)"),
            std::string::npos)
      << AllNotes(demand);
}

// Who does well on chess, who on biology; nothing but the texts tells which is which.
TrainingSet ScoredSubjects() {
  TrainingSetBuilder builder;
  builder.AddSkill(MakeSkill("anything"));
  builder.AddSkill(MakeSkill("nothing"));
  Random random(9);
  for (int i = 0; i < 200; ++i) {
    const bool chess = i % 2 == 0;
    builder.AddObservation(Seen(std::to_string(i), TextOf(i % 2, &random), "anything",
                                {{"biologist", chess ? 0.0 : 1.0}, {"player", chess ? 1.0 : 0.0}}));
  }
  return builder.Build();
}

TEST(Nearest, ScoresOfSimilarPromptsSayHowExpertsWillDo) {
  const auto classifier = Make("knn", ScoredSubjects(), {{"knn.k", "30"}, {"knn.experts", "0.75"}});
  const Demand demand = Ask(*classifier, "rook bishop pawn castle mate");
  ASSERT_EQ(demand.experts.size(), 2u);
  EXPECT_EQ(NameOf(demand.experts[0].expert), "biologist");
  EXPECT_GT(demand.experts[1].expected, demand.experts[0].expected + 0.2f);
  EXPECT_FLOAT_EQ(demand.experts[0].weight, 0.75f);
}

TEST(Nearest, ByDefaultProfilesAloneDecideOnExperts) {
  EXPECT_TRUE(Ask(*Make("knn", ScoredSubjects()), "rook bishop").experts.empty());
}

}  // namespace
}  // namespace moerge
