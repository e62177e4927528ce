#include "router/classify/keywords.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

using ::testing::ElementsAre;

TEST(ParseKeywords, ReadsListsOfAnyShape) {
  EXPECT_THAT(ParseKeywords(R"(["Linear Algebra", "proofs"])"),
              ElementsAre("linear algebra", "proofs"));
  EXPECT_THAT(ParseKeywords("```json\n[\"a\", \"b\", \"a\"]\n```"), ElementsAre("a", "b"));
  EXPECT_THAT(ParseKeywords("1. Algebra\n2. world-history"),
              ElementsAre("algebra", "world history"));
  EXPECT_THAT(ParseKeywords("Skills: algebra, logic; law"), ElementsAre("algebra", "logic", "law"));
  EXPECT_THAT(ParseKeywords("- algebra\r\n* logic\r\n"), ElementsAre("algebra", "logic"));
  EXPECT_THAT(ParseKeywords("<think>history, maybe</think>\nalgebra"), ElementsAre("algebra"));
}

TEST(ParseKeywords, LeavesOutWhatIsNoKeyword) {
  EXPECT_THAT(ParseKeywords(""), ElementsAre());
  EXPECT_THAT(ParseKeywords("<think>algebra"), ElementsAre());
  EXPECT_THAT(ParseKeywords("This question is about the history of the Roman empire."),
              ElementsAre());
  EXPECT_THAT(ParseKeywords("..., ;;; , algebra"), ElementsAre("algebra"));
  EXPECT_THAT(ParseKeywords(R"([1, null, {"a": "b"}, "law"])"), ElementsAre("law"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "k" + std::to_string(i) + ",";
  EXPECT_EQ(ParseKeywords(many).size(), 12u);
  EXPECT_THAT(ParseKeywords(std::string(100, 'x')), ElementsAre());
}

Skill Described(std::string name, std::string category, std::string description) {
  Skill skill = MakeSkill(std::move(name));
  skill.category = std::move(category);
  skill.description = std::move(description);
  return skill;
}

class KeywordsTest : public ::testing::Test {
 protected:
  std::string Find(std::string_view keyword) const {
    const auto match = index_.Find(keyword);
    return match ? std::string(NameOf(match->skill)) : "";
  }
  // "algebra 0.75 law 0.25"
  static std::string Skills(const Demand& demand) {
    std::string out;
    for (const SkillProbability& part : demand.skills) {
      char text[32];
      std::snprintf(text, sizeof text, " %.2f ", static_cast<double>(part.probability));
      out.append(NameOf(part.skill)).append(text);
    }
    return out;
  }
  static Demand Lexical() {
    Demand demand;
    demand.classifier = "lexical";
    demand.skills = {{InternSkill("law"), 0.6f}, {InternSkill("algebra"), 0.4f}};
    demand.confidence = 0.6;
    return demand;
  }

  SnapshotPtr snapshot_ =
      World({}, {Described("algebra", "mathematics", "Equations, polynomials and vector spaces."),
                 Described("law", "society", "Statutes, contracts, courts and their rulings."),
                 Described("organic_chemistry", "science", "Molecules with carbon.")})
          .MakeSnapshot();
  KeywordIndex index_{*snapshot_};
};

TEST_F(KeywordsTest, FindsTheSkillThatIsMeant) {
  EXPECT_EQ(Find("algebra"), "algebra");
  EXPECT_EQ(Find("ALGEBRA"), "algebra");
  EXPECT_EQ(Find("Organic Chemistry"), "organic_chemistry");
  EXPECT_EQ(Find("linear algebra"), "algebra");
  EXPECT_EQ(Find("polynomial equations"), "algebra");
  EXPECT_EQ(Find("contract statutes"), "law");
  EXPECT_EQ(Find("gardening"), "");
  EXPECT_EQ(Find(""), "");
  EXPECT_EQ(Find("???"), "");
}

TEST_F(KeywordsTest, WhatRecursIsMixedIntoWhatTheTextSays) {
  Demand demand = Lexical();
  const KeywordSignal signal{3, {{"algebra", 2}, {"linear algebra", 1}, {"law", 1}}};
  EXPECT_TRUE(MixKeywords(signal, index_, KeywordRule{2, 1.0f}, &demand));
  EXPECT_EQ(Skills(demand), "algebra 0.85 law 0.15 ");  // 3 votes, and one of the text's own
  EXPECT_NEAR(demand.confidence, 0.85, 1e-6);
}

TEST_F(KeywordsTest, WhatNeverRecursChangesNothing) {
  Demand demand = Lexical();
  const KeywordSignal signal{3, {{"algebra", 1}, {"organic chemistry", 1}, {"ufos", 3}}};
  EXPECT_FALSE(MixKeywords(signal, index_, KeywordRule{2, 1.0f}, &demand));
  EXPECT_EQ(Skills(demand), "law 0.60 algebra 0.40 ");
  ASSERT_EQ(demand.notes.size(), 1u);
  EXPECT_EQ(demand.notes[0], "keywords that name no known skill: ufos");
}

TEST_F(KeywordsTest, ASkillTheTextDidNotNameIsAdded) {
  Demand demand = Lexical();
  EXPECT_TRUE(MixKeywords({3, {{"organic chemistry", 3}}}, index_, KeywordRule{2, 1.0f}, &demand));
  EXPECT_EQ(Skills(demand), "organic_chemistry 0.75 law 0.15 algebra 0.10 ");
}

}  // namespace
}  // namespace moerge
