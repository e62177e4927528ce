// The parts that all tools stand on, at their edges.
#include <gtest/gtest.h>

#include <chrono>

#include "adapters/tools/calendar.h"
#include "adapters/tools/number_literal.h"
#include "adapters/tools/number_words.h"
#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/tool_clock.h"
#include "tests/adapters/tools/tool_test_support.h"

namespace moerge::tools {
namespace {

std::vector<std::string> SlotsOf(std::string_view pattern, std::string_view request) {
  std::vector<std::string> texts;
  const std::vector<Token> tokens = Tokenize(request);
  const bool matched = Pattern(pattern).Match(tokens, [&](const Slots& slots) {
    texts.assign(slots.begin(), slots.end());
    return true;
  });
  return matched ? texts : std::vector<std::string>{"no match"};
}

TEST(PhrasePattern, SlotsTakeTheBytesBetweenWords) {
  EXPECT_EQ(SlotsOf("convert <a> to <b>", "Convert 5 ft  11 in TO cm"),
            (std::vector<std::string>{"5 ft  11 in", "cm"}));
}

TEST(PhrasePattern, OptionalAndAlternativePartsNest) {
  constexpr std::string_view kPattern = "how many (days|weeks [and days]) [are [there]] in <x>";
  EXPECT_EQ(SlotsOf(kPattern, "how many days in May"), (std::vector<std::string>{"May"}));
  EXPECT_EQ(SlotsOf(kPattern, "how many weeks and days are there in May"),
            (std::vector<std::string>{"May"}));
  EXPECT_EQ(SlotsOf(kPattern, "how many days there in May"),
            (std::vector<std::string>{"no match"}));
}

TEST(PhrasePattern, LeftoverWordsDoNotMatch) {
  EXPECT_EQ(SlotsOf("is <n> prime", "is 7 prime today"), (std::vector<std::string>{"no match"}));
  EXPECT_EQ(SlotsOf("is <n> prime", "tell me is 7 prime"), (std::vector<std::string>{"no match"}));
}

TEST(PhrasePattern, RefusalTriesTheNextSplit) {
  std::string left;
  const std::vector<Token> tokens = Tokenize("a and b and c");
  const bool matched = Pattern("<x> and <y>").Match(tokens, [&](const Slots& slots) {
    left = std::string(slots[0]);
    return left == "a and b";
  });
  EXPECT_TRUE(matched);
  EXPECT_EQ(left, "a and b");
}

TEST(PhrasePattern, ManySlotsOnManyTokensStayWithinTheStepBudget) {
  std::string request;
  for (int i = 0; i < 300; ++i) request += "a ";
  int offers = 0;
  const std::vector<Token> tokens = Tokenize(request);
  EXPECT_FALSE(Pattern("<a> <b> <c> <d> <e>").Match(tokens, [&](const Slots&) {
    ++offers;
    return false;
  }));
  EXPECT_LT(offers, 20001);
}

TEST(NumberLiteral, ThousandsSeparatorsStandInGroupsOfThree) {
  EXPECT_EQ(*ParseNumber("1,234,567"), 1234567);
  EXPECT_FALSE(ParseNumber("1,23"));
  EXPECT_FALSE(ParseNumber("1234,567"));
  EXPECT_FALSE(ParseNumber("0,123"));
}

TEST(NumberLiteral, DecimalsAndExponentsAreExact) {
  EXPECT_EQ(*ParseNumber("0.1"), mpq_class(1, 10));
  EXPECT_EQ(*ParseNumber("1.5e-3"), mpq_class(3, 2000));
  EXPECT_EQ(*ParseNumber("5 1/2"), mpq_class(11, 2));
  EXPECT_FALSE(ParseNumber("1e99999"));
  EXPECT_FALSE(ParseNumber("1.2.3"));
}

TEST(NumberWords, WellFormedNumbersOnly) {
  EXPECT_EQ(*ParseNumberWords("three hundred and five"), 305);
  EXPECT_EQ(*ParseNumberWords("two million and one"), 2000001);
  EXPECT_EQ(*ParseNumberWords("twenty-one thousand four hundred"), 21400);
  EXPECT_EQ(*ParseNumberWords("one point two five"), mpq_class(5, 4));
  EXPECT_FALSE(ParseNumberWords("twenty thirty"));
  EXPECT_FALSE(ParseNumberWords("nineteen eighty four"));
  EXPECT_FALSE(ParseNumberWords("thousand million"));
}

TEST(Calendar, TheEdgesOfItsRange) {
  EXPECT_TRUE(MakeDay(1, 1, 1));
  EXPECT_TRUE(MakeDay(9999, 12, 31));
  EXPECT_FALSE(MakeDay(0, 12, 31));
  EXPECT_FALSE(MakeDay(10000, 1, 1));
  EXPECT_FALSE(MakeDay(1900, 2, 29));
  EXPECT_FALSE(AddMonths(*MakeDay(9999, 12, 1), 1));
  EXPECT_FALSE(AddMonths(*MakeDay(1, 1, 1), -1));
}

TEST(Calendar, BusinessDaysAgreeWithCountingThemOneByOne) {
  const Day monday = *MakeDay(2024, 1, 1);
  for (int offset = 0; offset < 7; ++offset) {
    for (const long count : {1L, 4L, 5L, 6L, 10L, 23L, -1L, -5L, -6L, -11L}) {
      Day expected = monday + std::chrono::days{offset};
      for (long left = std::abs(count); left > 0; left -= IsBusinessDay(expected) ? 1 : 0) {
        expected += std::chrono::days{count < 0 ? -1 : 1};
      }
      EXPECT_EQ(*AddBusinessDays(monday + std::chrono::days{offset}, count), expected)
          << offset << " " << count;
    }
  }
}

TEST(Calendar, SpansClampToTheEndOfShortMonths) {
  const Span span = SpanBetween(*MakeDay(2024, 1, 31), *MakeDay(2024, 2, 29));
  EXPECT_EQ(span.months, 1);
  EXPECT_EQ(span.days, 0);
}

TEST(ToolClock, UnixSecondsWithOffsetsAndBeforeTheEpoch) {
  const ToolClock clock = ToolClock::FromUnixSeconds(-1, 90);
  EXPECT_EQ(clock.year, 1970);
  EXPECT_EQ(clock.hour, 1);
  EXPECT_EQ(clock.minute, 29);
  EXPECT_EQ(clock.second, 59);
  EXPECT_EQ(ToolClock::FromUnixSeconds(INT64_MAX).year, 9999);
  EXPECT_EQ(ToolClock::FromUnixSeconds(INT64_MIN).year, 1);
}

TEST(DatesTool, AnswersHangOnTheClockGiven) {
  const ToolClock other{.year = 2024, .month = 2, .day = 28};
  EXPECT_EQ(NamedTool("dates").Answer("what date is it tomorrow", other).answer->text,
            "Thursday, 29 February 2024 (2024-02-29)");
}

}  // namespace
}  // namespace moerge::tools
