#include "registry/feedback.h"

#include <gtest/gtest.h>

#include "registry/training_trigger.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;

const WallTime kFeedbackNow =
    WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 15)) + 13h;

Feedback Said(const std::string& decision, double score, WallTime time = kFeedbackNow,
              const std::string& key = "app") {
  return {decision, key, "ada", score, {{"algebra", 0.75}, {"law", 0.25}}, time, kFeedbackNow};
}

class FeedbackTest : public ::testing::Test {
 protected:
  // One change of the store for all of `feedback`; whether each replaced something.
  std::vector<bool> Take(const std::vector<Feedback>& feedback, Observation lesson = {}) {
    const StoredState state = *store_.registry().Load();
    FeedbackLedger ledger(store_, state);
    std::vector<bool> replaced;
    for (const Feedback& one : feedback) replaced.push_back(*ledger.Add(one, lesson));
    EXPECT_TRUE(testing::ApplyTo(store_, std::move(ledger).Take()).ok());
    return replaced;
  }
  SkillRecord Cell(const std::string& source, const std::string& skill) {
    return store_.registry().Load()->evidence.Cell(InternExpert("ada"), source, InternSkill(skill));
  }

  MemoryStore store_;
};

TEST_F(FeedbackTest, CountsForTheSkillsThatWereNeeded) {
  Take({Said("d1", 1), Said("d2", 0.5)});
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra"),
            (SkillRecord{InternSkill("algebra"), 1.125f, 1.5f}));
  EXPECT_EQ(Cell("feedback@2026-03-15", "law"), (SkillRecord{InternSkill("law"), 0.375f, 0.5f}));
}

TEST_F(FeedbackTest, TheSameKeyOnTheSameDecisionReplaces) {
  EXPECT_EQ(Take({Said("d1", 1)}), std::vector<bool>{false});
  EXPECT_EQ(Take({Said("d1", 0)}), std::vector<bool>{true});
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 0.75f);
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").wins, 0);
  EXPECT_EQ(Take({Said("d1", 1, kFeedbackNow, "other key")}), std::vector<bool>{false});
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 1.5f);
}

TEST_F(FeedbackTest, WithinOneChangeItReplacesToo) {
  EXPECT_EQ(Take({Said("d1", 1), Said("d1", 0.2), Said("d1", 1)}),
            (std::vector<bool>{false, true, true}));
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 0.75f);
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").wins, 0.75f);
}

TEST_F(FeedbackTest, AChangeOfMindOnAnotherDayMovesTheTrial) {
  Take({Said("d1", 1)});
  Take({Said("d1", 1, kFeedbackNow + std::chrono::days(1))});
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 0);
  EXPECT_EQ(Cell("feedback@2026-03-16", "algebra").trials, 0.75f);
}

TEST_F(FeedbackTest, ManyChangesOfMindLeaveNoResidue) {
  Feedback said = Said("d1", 1);
  said.skills = {{"algebra", 0.1}};
  for (int i = 0; i < 1000; ++i) {
    said.score = i % 2;
    Take({said});
  }
  EXPECT_NEAR(Cell("feedback@2026-03-15", "algebra").trials, 0.1, 1e-5);
}

TEST_F(FeedbackTest, HelpfulnessIsKeptAndIsNoEvidence) {
  Feedback helped = Said("d1", 1);
  helped.score.reset();
  helped.skills.clear();
  helped.helpfulness = 1;
  EXPECT_EQ(Take({helped}), std::vector<bool>{false});
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 0);
  EXPECT_EQ(Take({Said("d1", 0)}), std::vector<bool>{false}) << "the other half of it";
  auto kept = *store_.observations().FindFeedback("d1", "app");
  EXPECT_EQ(kept->score, 0);
  EXPECT_EQ(kept->helpfulness, 1);
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 0.75f);
  helped.helpfulness = 0.25;
  EXPECT_EQ(Take({helped}), std::vector<bool>{true});
  kept = *store_.observations().FindFeedback("d1", "app");
  EXPECT_EQ(kept->score, 0) << "as it was said";
  EXPECT_EQ(kept->helpfulness, 0.25);
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 0.75f);
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").wins, 0);
}

TEST_F(FeedbackTest, AWordOnAnotherExpertTakesTheFirstOneBack) {
  const Observation lesson{"", "What is 2x = 4?", "algebra", "", {{"ada", 1}}};
  Take({Said("d1", 1)}, lesson);
  Feedback other = Said("d1", 1);
  other.expert = "clio";
  other.score.reset();
  other.helpfulness = 1;
  EXPECT_EQ(Take({other}), std::vector<bool>{true});
  EXPECT_EQ(Cell("feedback@2026-03-15", "algebra").trials, 0);
  int lessons = 0;
  ASSERT_TRUE(store_.observations().Visit([&](const Observation&) { return ++lessons > 0; }));
  EXPECT_EQ(lessons, 0);
}

TEST_F(FeedbackTest, ALessonNeedsAPromptAndIsReplacedWithItsFeedback) {
  Take({Said("d1", 1)}, {"", "What is 2x = 4?", "algebra", "", {{"ada", 1}}});
  Take({Said("d1", 0)}, {"", "What is 2x = 4?", "algebra", "", {{"ada", 0}}});
  Take({Said("d2", 0)}, {"", "", "algebra", "", {{"ada", 0}}});
  std::vector<Observation> all;
  ASSERT_TRUE(store_.observations()
                  .Visit([&](const Observation& one) {
                    all.push_back(one);
                    return true;
                  })
                  .ok());
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].source, "feedback");
  EXPECT_EQ(all[0].scores[0].second, 0);
}

TEST(TrainingMarkTest, FeedbackIsLearntFromWhenThereIsEnoughOfIt) {
  TrainingMark mark;
  std::uint64_t revision = 0;
  const auto trains = [&](const StoreChange& change) {
    mark = MarkAfter(mark, change, ++revision);
    return mark.revision == revision;
  };
  StoreChange one;
  one.add_observations = {{"1", "p", "", "feedback", {{"ada", 1}}}};
  int taken = 0;
  for (int i = 0; i < 400; ++i) taken += trains(one);
  EXPECT_GE(taken, 6);
  EXPECT_LE(taken, 12);
  StoreChange table;
  table.add_observations = {{"1", "p", "", "import:t", {{"ada", 1}}}};
  EXPECT_TRUE(trains(table));
  EXPECT_FALSE(trains({}));
}

}  // namespace
}  // namespace moerge
