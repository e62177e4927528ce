#include "services/verify/answer_text.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

constexpr std::string_view kPython[] = {"python", "py"};

std::string Code(std::string_view answer) { return CodeIn(answer, kPython); }

TEST(CodeIn, WithoutFencesIsTheWholeText) {
  EXPECT_EQ(Code("x = 1\n"), "x = 1\n");
  EXPECT_EQ(Code(""), "");
}

TEST(CodeIn, TakesTheLastBlockOfTheLanguage) {
  EXPECT_EQ(Code("```python\na\n```\ntext\n```py\nb\n```\n```text\nout\n```"), "b\n");
  EXPECT_EQ(Code("```Python\na\n```\n```\nout\n```"), "a\n");
}

TEST(CodeIn, FallsBackOnBlocksWithoutAName) {
  EXPECT_EQ(Code("```\na\n```\n```\nb\n```\n```json\nc\n```"), "b\n");
  EXPECT_EQ(Code("```json\na\n```\n```yaml\nb\n```"), "b\n");
}

TEST(CodeIn, AFenceThatNeverClosesReachesToTheEnd) {
  EXPECT_EQ(Code("so:\n```python\na\nb"), "a\nb");
  EXPECT_EQ(Code("```python"), "");
}

TEST(CodeIn, LongerAndOtherFencesHoldShorterOnes) {
  EXPECT_EQ(Code("````python\ns = '''\n```\n'''\n````\n"), "s = '''\n```\n'''\n");
  EXPECT_EQ(Code("~~~python\n```\n~~~"), "```\n");
}

TEST(CodeIn, AFenceIsAlsoOneWithAttributes) {
  EXPECT_EQ(Code("```python {.line-numbers}\na\n```"), "a\n");
  EXPECT_EQ(Code("```{python}\na\n```"), "a\n");
  EXPECT_EQ(Code("say ```x``` inline"), "say ```x``` inline");
  EXPECT_EQ(Code("```a```\n"), "```a```\n");
}

TEST(CodeIn, WindowsLineEndsDoNotHideAFence) {
  EXPECT_EQ(Code("```python\r\na\r\n```\r\nb"), "a\r\n");
}

TEST(CodeIn, BlocksInListsLoseTheirIndent) {
  EXPECT_EQ(Code("1. so\n   ```python\n   if a:\n     b\n   ```\n"), "if a:\n  b\n");
}

TEST(CodeIn, ThinkingIsNoPartOfAnAnswer) {
  EXPECT_EQ(Code("<think>```python\na\n```</think>```python\nb\n```"), "b\n");
}

TEST(JsonTextIn, IsTheWholeOrTheFencedText) {
  EXPECT_EQ(JsonTextIn("  {\"a\": \"```\"}\n"), "{\"a\": \"```\"}");
  EXPECT_EQ(JsonTextIn("Here:\n```json\n[1]\n```\nDone."), "[1]");
  EXPECT_EQ(JsonTextIn("```\n[1]\n```"), "[1]");
}

}  // namespace
}  // namespace moerge
