#include "config/base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "config/base/random.h"
#include "config/base/units.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

TEST(Text, TrimLeavesWhatIsInside) {
  EXPECT_EQ(Trim(" \t\r\n a b \v\f"), "a b");
  EXPECT_EQ(Trim(" \n"), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(Split("a,,b,", ',').size(), 4u);
  EXPECT_EQ(Split("", ',').size(), 1u);
  EXPECT_EQ(Join({"a", "", "b"}, "--"), "a----b");
  EXPECT_EQ(Join({}, ","), "");
}

TEST(Text, ComparesAsciiWithoutCase) {
  EXPECT_TRUE(EqualsIgnoreCase("Content-LENGTH", "content-length"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
  EXPECT_EQ(LowerAscii("A\xC3\x84Z@["), "a\xC3\x84z@[");
}

TEST(Text, NumbersAreWholeTexts) {
  EXPECT_EQ(ParseInt("-12"), -12);
  EXPECT_EQ(ParseDouble("1e3"), 1000.0);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "0x10", "9223372036854775808", "1.0"}) {
    EXPECT_EQ(ParseInt(text), std::nullopt) << text;
  }
  for (const char* text : {"", "nan", "inf", "-inf", "infinity", ".inf", "1e400", "1,5", "1 "}) {
    EXPECT_EQ(ParseDouble(text), std::nullopt) << text;
  }
}

TEST(Text, CloseNamesFindsTyposSwapsAndParts) {
  const Strings names = {"backend", "protocol", "base_url", "mathstral-7B"};
  EXPECT_EQ(CloseNames("protcol", names), Strings{"protocol"});
  EXPECT_EQ(CloseNames("bakcend", names), Strings{"backend"});
  EXPECT_EQ(CloseNames("MATHSTRAL", names), Strings{"mathstral-7B"});
  EXPECT_TRUE(CloseNames("zzzzzz", names).empty());
  EXPECT_TRUE(CloseNames("", names).empty());
  EXPECT_TRUE(CloseNames(std::string(1 << 20, 'a'), names).empty());
}

TEST(Text, CloseNamesPutsTheNearestFirstAndStops) {
  const Strings names = {"abcdxx", "abcdex", "abcdef", "abcdefgh", "abcxxf"};
  EXPECT_EQ(CloseNames("abcdef", names, 2), (Strings{"abcdef", "abcdex"}));
  EXPECT_EQ(DidYouMean("abcdef", {"abcdex", "abcdey"}), " Did you mean `abcdex` or `abcdey`?");
  EXPECT_EQ(DidYouMean("q", {"abcdex"}), "");
}

// Any two names, compared the slow way.
std::size_t Edits(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      auto& cell = table[i][j];
      cell = i == 0 ? j : j == 0 ? i : table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      if (i > 0 && j > 0) cell = std::min({cell, table[i - 1][j] + 1, table[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cell = std::min(cell, table[i - 2][j - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

TEST(Text, CloseNamesAgreesWithTheFullTable) {
  Random random(5);
  const auto word = [&] {
    std::string text;
    for (std::uint64_t left = 4 + random.Below(20); left > 0; --left) {
      text += static_cast<char>('a' + random.Below(2));
    }
    return text;
  };
  for (int i = 0; i < 5000; ++i) {
    const std::string a = word();
    const std::string b = word();
    if (a.find(b) != a.npos || b.find(a) != b.npos) continue;
    const std::size_t limit = std::clamp<std::size_t>(std::max(a.size(), b.size()) / 3, 1, 6);
    EXPECT_EQ(CloseNames(a, {b}).size(), Edits(a, b) <= limit ? 1u : 0u) << a << " " << b;
  }
}

TEST(Text, TimeRoundTripsAtMilliseconds) {
  for (const char* text : {"2026-01-31T12:34:56.789Z", "1970-01-01T00:00:00.000Z",
                           "1969-12-31T23:59:59.999Z", "2024-02-29T23:59:59.001Z"}) {
    const auto time = ParseTime(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(FormatTime(*time), text);
  }
}

TEST(Text, TimeTakesOffsetsFractionsAndDates) {
  EXPECT_EQ(FormatTime(*ParseTime("2026-01-31T01:00:00+02:30")), "2026-01-30T22:30:00.000Z");
  EXPECT_EQ(FormatTime(*ParseTime("2026-01-31t01:00:00.5z")), "2026-01-31T01:00:00.500Z");
  EXPECT_EQ(FormatTime(*ParseTime("2026-01-31")), "2026-01-31T00:00:00.000Z");
}

TEST(Text, WhatIsNoTimeIsRefused) {
  for (const char* text :
       {"", "2026", "2026-02-30", "2026-13-01", "2026-1-1", "2026-01-31T25:00:00Z",
        "2026-01-31T12:60:00Z", "2026-01-31T12:00:00", "2026-01-31T12:00Z", "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+2", "9999-01-01", "0000-01-01", "2026-01-31 ",
        "-026-01-31"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(Units, DurationsNeedAUnit) {
  EXPECT_EQ(ParseDuration("250ms"), 250ms);
  EXPECT_EQ(ParseDuration("1.5s"), 1500ms);
  EXPECT_EQ(ParseDuration("7d"), 168h);
  EXPECT_EQ(ParseDuration("2 h"), 2h);
  EXPECT_EQ(ParseDuration("0"), 0ms);
  for (const char* text :
       {"", "10", "s", "-1s", "1e3s", "1w", "1s2", "99999999999d", "nan", ".s"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(Units, DurationsAreShownInTheLargestUnit) {
  EXPECT_EQ(FormatDuration(0ms), "0ms");
  EXPECT_EQ(FormatDuration(1500ms), "1500ms");
  EXPECT_EQ(FormatDuration(90s), "90s");
  EXPECT_EQ(FormatDuration(24h), "1d");
}

TEST(Units, SizesKnowBothThousands) {
  EXPECT_EQ(ParseSize("32MB"), 32'000'000u);
  EXPECT_EQ(ParseSize("64KiB"), 65'536u);
  EXPECT_EQ(ParseSize("1.5 mib"), 1'572'864u);
  EXPECT_EQ(ParseSize("4096"), 4096u);
  for (const char* text : {"", "MB", "-1MB", "1TB", "1 M", "1e3", "99999999999GB"}) {
    EXPECT_EQ(ParseSize(text), std::nullopt) << text;
  }
}

TEST(Text, NumbersAreWrittenWithAsManyDigitsAsWished) {
  EXPECT_EQ(FormatNumber(0.1), "0.1");
  EXPECT_EQ(FormatNumber(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(FormatNumber(1.0 / 3, 4), "0.3333");
  EXPECT_EQ(FormatNumber(-123456.0, 4), "-1.235e+05");
  EXPECT_EQ(FormatNumber(1e12), "1e+12");
  EXPECT_EQ(FormatNumber(0), "0");
}

TEST(Text, ControlCharactersAreFoundWhereverTheyStand) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7F;
    for (std::size_t at = 0; at < 20; ++at) {
      for (const char around : {'a', '\t', '\x80', '\xff'}) {
        std::string text(20, around);
        text[at] = static_cast<char>(byte);
        EXPECT_EQ(HasControl(text), control) << byte << " at " << at << " among " << int{around};
      }
    }
  }
  EXPECT_FALSE(HasControl(""));
}

}  // namespace
}  // namespace moerge
