#include "config/base/text_buffer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge {
namespace {

std::string Decimal(double value, int decimals) {
  TextBuffer buffer;
  buffer.AppendDecimal(value, decimals);
  return std::string(buffer.view());
}

TEST(TextBuffer, HoldsWhatWasAppendedInOrder) {
  TextBuffer buffer;
  buffer.Append("literal ");
  buffer.Append('c');
  buffer.Append(std::string_view());
  buffer.AppendInt(std::numeric_limits<std::int64_t>::min());
  buffer.AppendNumber(0.1);
  EXPECT_EQ(buffer.view(), "literal c-92233720368547758080.1");
  buffer.Clear();
  EXPECT_EQ(buffer.view(), "");
}

TEST(TextBuffer, GrowsOverAnySize) {
  TextBuffer buffer;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    buffer.AppendInt(i);
    expected += std::to_string(i);
  }
  EXPECT_EQ(buffer.view(), expected);
  buffer.Clear();
  buffer.Append("after a large text");
  EXPECT_EQ(buffer.view(), "after a large text");
}

TEST(TextBuffer, DecimalsAreRoundedAndEndWithoutZeros) {
  struct Case {
    double value;
    int decimals;
    const char* text;
  };
  for (const Case& c :
       {Case{0, 4, "0"}, Case{1, 4, "1"}, Case{0.12344, 4, "0.1234"},
        Case{0.12345678, 6, "0.123457"}, Case{0.00006, 4, "0.0001"}, Case{0.00004, 4, "0"},
        Case{-0.00004, 4, "0"}, Case{0.99996, 4, "1"}, Case{-12.5, 3, "-12.5"}, Case{2.5, 0, "3"},
        Case{10, 0, "10"}, Case{0.000000001, 9, "0.000000001"}, Case{1e20, 4, "1e+20"},
        Case{100, 2, "100"}}) {
    EXPECT_EQ(Decimal(c.value, c.decimals), c.text);
  }
  EXPECT_EQ(Decimal(std::numeric_limits<double>::quiet_NaN(), 4), "null");
  EXPECT_EQ(Decimal(-std::numeric_limits<double>::infinity(), 4), "null");
}

TEST(TextBuffer, QuotesAsTheWriterOfJsonDoes) {
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("exactly8"), std::string("a \"quote\""),
        std::string("back\\slash"), std::string("line\nbreak and\ttab"), std::string("nul\0!", 5),
        std::string("\x7f"), std::string("12345678\x1f"), std::string("gr\xc3\xbc\xc3\x9f"),
        std::string("broken \xff byte"), std::string(1000, 'x') + "\"" + std::string(1000, 'y')}) {
    std::string expected;
    json::AppendQuoted(text, &expected);
    TextBuffer buffer;
    buffer.AppendQuoted(text);
    EXPECT_EQ(buffer.view(), expected);
    buffer.Clear();
    buffer.AppendEscaped(text);
    EXPECT_EQ(buffer.view(), std::string_view(expected).substr(1, expected.size() - 2));
  }
}

TEST(TextBuffer, EveryByteIsPlainOrEscapedAtEveryPlaceOfAWord) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < 17; ++at) {
      std::string text(17, 'a');
      text[at] = static_cast<char>(byte);
      std::string expected;
      json::AppendQuoted(text, &expected);
      TextBuffer buffer;
      buffer.AppendQuoted(text);
      ASSERT_EQ(buffer.view(), expected) << byte << " at " << at;
    }
  }
}

TEST(TextBuffer, TimesAreThoseOfFormatTimeAlsoBackAndForth) {
  const auto base = *ParseTime("2026-01-31T23:59:59.999Z");
  for (const int ms : {0, 1, 2, 1'000, -1, -999, -1'000, 61'001, 0}) {
    const auto time = base + std::chrono::milliseconds(ms);
    TextBuffer buffer;
    buffer.AppendTime(time);
    EXPECT_EQ(buffer.view(), FormatTime(time));
  }
}

}  // namespace
}  // namespace moerge
