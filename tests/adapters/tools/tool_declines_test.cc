// What must not be answered: neighbouring requests that mean something else, and what people ask
// other experts.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <set>

#include "tests/adapters/tools/tool_test_support.h"

namespace moerge::tools {
namespace {

TEST(ToolDeclines, EveryToolDeclinesWithAReason) {
  const auto rows = ReadTable("tool_declines.tsv");
  EXPECT_GE(rows.size(), 150U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 2U);
    for (const auto& tool : AllTools()) {
      const ToolReply reply = tool->Answer(row[1], kClock);
      EXPECT_FALSE(reply.answer.has_value())
          << row[0] << ": " << row[1] << "\n  " << tool->Name() << " says " << reply.answer->text;
      EXPECT_FALSE(reply.reason.empty()) << row[1];
    }
  }
}

// Exercises among the mathematical examples that are calculations all the same, and answered
// correctly.
const std::set<std::string>& AnsweredExercises() {
  static const std::set<std::string> answered = {
      "What is the remainder when 7^100 is divided by 13?"};
  return answered;
}

std::vector<std::string> ExamplesOfOtherSkills() {
  std::vector<std::string> examples;
  const std::filesystem::path folder =
      std::filesystem::path(MOERGE_SOURCE_DIR) / "config/defaults/skills";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml" || entry.path().filename() == "tools.yaml") continue;
    for (const YAML::Node& skill : YAML::LoadFile(entry.path().string())["skills"]) {
      for (const YAML::Node& example : skill["examples"])
        examples.push_back(example.as<std::string>());
    }
  }
  return examples;
}

TEST(ToolDeclines, NoShippedExampleOfAnotherSkillIsAnswered) {
  const std::vector<std::string> examples = ExamplesOfOtherSkills();
  EXPECT_GE(examples.size(), 1000U);
  for (const std::string& example : examples) {
    if (AnsweredExercises().contains(example)) continue;
    EXPECT_EQ(AskAll(example), "declined") << example;
  }
}

}  // namespace
}  // namespace moerge::tools
