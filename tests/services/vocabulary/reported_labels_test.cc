#include "services/vocabulary/reported_labels.h"

#include <gtest/gtest.h>

#include "config/base/json.h"
#include "registry/memory_store.h"
#include "registry/registry.h"
#include "services/vocabulary/proposal.h"

namespace moerge {
namespace {

DecisionRecord Decision(int number, const std::string& prompt, const std::string& counts) {
  DecisionRecord record;
  record.id = std::to_string(number);
  record.time = std::chrono::system_clock::now() - std::chrono::hours(24 - number);
  record.json = "{\"signals\":{\"keywords\":{\"answers\":3,\"counts\":[" + counts +
                "]}},\"request\":{\"user\":";
  json::AppendQuoted(prompt, &record.json);
  record.json += "}}";
  return record;
}

std::string Reported(const std::string& keyword, int count) {
  return "{\"keyword\":\"" + keyword + "\",\"count\":" + std::to_string(count) + "}";
}

class ReportedLabelsTest : public ::testing::Test {
 protected:
  ReportedLabelsTest() {
    StoredState state;
    state.skills.emplace_back().name = "history";
    snapshot_ = *BuildSnapshot({}, state);
  }
  Result<std::vector<FreeLabel>> Read(const ReportedLabelOptions& options = {}) {
    return ReportedLabels(store_, *snapshot_, options);
  }

  Metrics metrics_;
  StoreThread store_{std::make_unique<MemoryStore>(), metrics_};
  SnapshotPtr snapshot_;
};

TEST_F(ReportedLabelsTest, KeywordsOfNoSkillAreCountedWithTheirPrompts) {
  store_.AddDecision(
      Decision(1, "Which star?", Reported("Star Gazing", 2) + "," + Reported("history", 3)));
  store_.AddDecision(Decision(2, "Which star?", Reported("star gazing", 1)));
  store_.AddDecision(Decision(3, std::string(9000, 'x'), Reported("star gazing", 1)));
  store_.AddDecision(Decision(4, "Who?", Reported("zymurgy", 1)));
  const auto labels = Read();
  ASSERT_TRUE(labels.ok()) << labels.error().message;
  ASSERT_EQ(labels->size(), 2u);
  EXPECT_EQ((*labels)[0].text, "star gazing");
  EXPECT_EQ((*labels)[0].count, 4u);
  ASSERT_EQ((*labels)[0].prompts.size(), 2u);
  EXPECT_EQ((*labels)[0].prompts[0].size(), kMaxLabelPromptBytes);
  EXPECT_EQ((*labels)[1].text, "zymurgy");
}

TEST_F(ReportedLabelsTest, OnlyTheDecisionsAskedForAreRead) {
  for (int i = 0; i < 12; ++i) {
    store_.AddDecision(Decision(i, "", Reported("word " + std::to_string(i), 1)));
  }
  ReportedLabelOptions options;
  options.decisions = 5;
  EXPECT_EQ(Read(options)->size(), 5u);
  options.decisions = 100;
  options.since = std::chrono::system_clock::now() - std::chrono::minutes(24 * 60 - 9 * 60 + 30);
  EXPECT_EQ(Read(options)->size(), 3u);
}

TEST_F(ReportedLabelsTest, MoreDecisionsThanAreReadAtOnce) {
  for (int i = 0; i < 1234; ++i) store_.AddDecision(Decision(i, "", Reported("zymurgy", 1)));
  EXPECT_EQ(Read()->at(0).count, 1234u);
}

TEST_F(ReportedLabelsTest, NothingReportedIsAnErrorThatSaysWhereKeywordsComeFrom) {
  store_.AddDecision(Decision(1, "Who?", Reported("history", 3)));
  const auto labels = Read();
  ASSERT_FALSE(labels.ok());
  EXPECT_EQ(labels.error().code, ErrorCode::kConflict);
  EXPECT_NE(labels.error().message.find("keep_text"), std::string::npos);
}

}  // namespace
}  // namespace moerge
