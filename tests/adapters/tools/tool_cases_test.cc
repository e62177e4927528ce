// The generated suite: every request is answered by the right tool, exactly as computed
// independently.
#include <gtest/gtest.h>

#include <map>

#include "tests/adapters/tools/tool_test_support.h"

namespace moerge::tools {
namespace {

bool Fits(const std::string& answer, const std::string& how, const std::string& expected) {
  if (how == "is") return answer == expected;
  if (how == "starts") return answer.starts_with(expected);
  return answer.find(expected) != std::string::npos;
}

TEST(ToolCases, EveryAnswerIsTheIndependentlyComputedOne) {
  std::map<std::string, int> count;
  for (const auto& row : ReadTable("tool_cases.tsv")) {
    ASSERT_EQ(row.size(), 4U);
    const std::string answer = Ask(row[0], row[1]);
    EXPECT_TRUE(Fits(answer, row[2], row[3]))
        << row[0] << ": " << row[1] << "\n  got      " << answer << "\n  expected " << row[3];
    ++count[row[0]];
  }
  EXPECT_GE(count["arithmetic"], 300);
  EXPECT_GE(count["units"], 70);
  EXPECT_GE(count["dates"], 120);
  EXPECT_GE(count["text-operations"], 120);
}

TEST(ToolCases, NoOtherToolAnswersBefore) {
  for (const auto& row : ReadTable("tool_cases.tsv")) {
    EXPECT_TRUE(AskAll(row[1]).starts_with(row[0] + ": ")) << row[1] << "\n  " << AskAll(row[1]);
  }
}

TEST(ToolCases, AnAnswerHasTextAndWorkingAndNoReason) {
  for (const auto& row : ReadTable("tool_cases.tsv")) {
    const ToolReply reply = NamedTool(row[0]).Answer(row[1], kClock);
    ASSERT_TRUE(reply.answer.has_value()) << row[1];
    EXPECT_FALSE(reply.answer->text.empty()) << row[1];
    EXPECT_FALSE(reply.answer->working.empty()) << row[1];
    EXPECT_TRUE(reply.reason.empty()) << row[1];
  }
}

TEST(BuiltInTools, HaveTheirNamesInTheOrderInWhichTheyAreAsked) {
  std::vector<std::string> names;
  for (const auto& tool : AllTools()) {
    names.emplace_back(tool->Name());
    EXPECT_FALSE(tool->Description().empty());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"arithmetic", "units", "dates", "text-operations"}));
}

}  // namespace
}  // namespace moerge::tools
