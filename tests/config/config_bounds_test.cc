// Files that were made to hurt: each ends, with mistakes and without a crash. One that is read
// without bounds takes hours or all memory; the test runner's own limit tells.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/config.h"

namespace moerge {
namespace {

std::string Repeat(const std::string& piece, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + piece.size());
  while (text.size() < bytes) text += piece;
  return text;
}

std::size_t MistakesOf(const std::string& yaml) {
  const ConfigReport report = ParseConfig(yaml, "f");
  const std::size_t text = FormatMistakes(report, "f").size();
  EXPECT_LT(text, 1u << 20);
  return report.mistakes.size();
}

TEST(ConfigBounds, DeepNestingEnds) {
  for (const char* piece : {"[", "{", "- ", "? ", "{a: ", "[{a: ", "- [", "[\n", "{? ", "[[],"}) {
    EXPECT_GT(MistakesOf(Repeat(piece, 300'000)), 0u) << piece;
    EXPECT_GT(MistakesOf("server: " + Repeat(piece, 300'000)), 0u) << piece;
  }
}

TEST(ConfigBounds, DeepBlockNestingEnds) {
  std::string yaml;
  for (int depth = 0; depth < 1500; ++depth) yaml += std::string(depth, ' ') + "a:\n";
  EXPECT_GT(MistakesOf(yaml), 0u);
}

TEST(ConfigBounds, TenMegabytesAreRefusedUnread) {
  for (const char* piece : {"[", "a: b\n", "# x\n"}) {
    EXPECT_EQ(MistakesOf(Repeat(piece, 10'000'000)), 1u);
  }
}

TEST(ConfigBounds, AliasesCannotMultiply) {
  std::string yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int n = 0; n < 9; ++n) yaml += "," + alias;
    yaml += "]\n";
  }
  EXPECT_GT(MistakesOf(yaml), 0u);
}

TEST(ConfigBounds, MergesCannotMultiply) {
  std::string yaml = "a0: &a0 {k: v}\n";
  for (int i = 1; i < 30; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {<<: [" + alias + "," + alias +
            "], k" + std::to_string(i) + ": " + alias + "}\n";
  }
  EXPECT_GT(MistakesOf(yaml), 0u);
}

TEST(ConfigBounds, AnAliasOfItselfEnds) {
  EXPECT_GT(MistakesOf("server: &a {log: *a}"), 0u);
  EXPECT_GT(MistakesOf("backends: &a [*a]"), 0u);
  EXPECT_GT(MistakesOf("server: &a {<<: *a}"), 0u);
}

TEST(ConfigBounds, TheReportIsBounded) {
  std::string yaml;
  for (int i = 0; i < 100'000; ++i) yaml += "k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(MistakesOf(yaml), 501u);
  EXPECT_EQ(MistakesOf("skills: [" + Repeat("5,", 200'000) + "5]"), 501u);
}

TEST(ConfigBounds, LongTextsAreCutInTheReport) {
  EXPECT_EQ(MistakesOf("tools: " + std::string(1'000'000, 'x')), 1u);
  EXPECT_EQ(MistakesOf("tools: " + Repeat("\xE4\xB8\xAD", 1'000'000)), 1u);
}

TEST(ConfigBounds, LongKeysAreCutInTheReport) {
  std::string yaml = "experts:\n- &e {? \"" + std::string(1000, 'k') + "\\n\" : 1}\n";
  for (int i = 0; i < 400; ++i) yaml += "- *e\n";
  const ConfigReport report = ParseConfig(yaml, "f");
  ASSERT_EQ(report.mistakes.size(), 501u);
  for (const ConfigMistake& mistake : report.mistakes) {
    EXPECT_LT(mistake.path.size() + mistake.message.size(), 1400u);
    EXPECT_EQ((mistake.path + mistake.message).find('\n'), std::string::npos);
  }
}

TEST(ConfigBounds, LookingForCloseNamesIsBounded) {
  std::string yaml = "backends:\n";
  for (int i = 0; i < 10'000; ++i) {
    yaml += "- {name: " + std::string(100, 'b') + std::to_string(i) + ", base_url: 'http://h'}\n";
  }
  yaml += "experts:\n";
  for (int i = 0; i < 100; ++i) {
    yaml +=
        "- {name: e" + std::to_string(i) + ", model: m, backend: " + std::string(100, 'c') + "}\n";
  }
  EXPECT_EQ(MistakesOf(yaml), 100u);
}

TEST(ConfigBounds, ManyExpertsLoad) {
  std::string yaml = "backends: [{name: b, base_url: 'http://h/v1'}]\nexperts:\n";
  for (int i = 0; i < 10'000; ++i) {
    yaml += "- {name: e" + std::to_string(i) +
            ", backend: b, model: m, price: {input: 1, output: 2}, skills: {general: 0.5, algebra: "
            "0.25}}\n";
  }
  EXPECT_EQ(MistakesOf(yaml), 0u);
}

}  // namespace
}  // namespace moerge
