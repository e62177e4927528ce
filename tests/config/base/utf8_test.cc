#include "config/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "config/base/random.h"

namespace moerge::utf8 {
namespace {

TEST(Utf8, EveryCodePointRoundTripsAndSurrogatesDoNot) {
  for (char32_t c = 0; c <= 0x110000; ++c) {
    std::string text;
    Append(c, &text);
    const bool valid = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
    ASSERT_EQ(IsValid(text), valid) << static_cast<std::uint32_t>(c);
    if (!valid) continue;
    std::size_t at = 0;
    ASSERT_EQ(Next(text, &at), c);
    ASSERT_EQ(at, text.size());
  }
}

TEST(Utf8, NoProperPrefixOfACharacterIsValid) {
  for (const char32_t c : {U'\u00E9', U'\u4E2D', U'\U0001F600', U'\U0010FFFF'}) {
    std::string text;
    Append(c, &text);
    for (std::size_t size = 1; size < text.size(); ++size) {
      EXPECT_EQ(ValidPrefix(text.substr(0, size)), 0u);
    }
  }
}

TEST(Utf8, ABadByteIsFoundAtEveryOffset) {
  for (std::size_t size = 1; size < 80; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\x80';
      ASSERT_EQ(ValidPrefix(text), at);
    }
  }
}

TEST(Utf8, RepairGivesValidTextAndKeepsValidText) {
  Random random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (std::uint64_t left = random.Below(50); left > 0; --left) {
      text += static_cast<char>(random.Below(3) == 0 ? 'a' : random.Below(256));
    }
    const std::string repaired = Repair(text);
    ASSERT_TRUE(IsValid(repaired));
    ASSERT_EQ(Repair(repaired), repaired);
    if (IsValid(text)) {
      ASSERT_EQ(repaired, text);
    }
  }
}

TEST(Utf8, RepairReplacesEachBadByte) {
  EXPECT_EQ(Repair("a\xE4\xB8z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(Utf8, NextStepsOverEveryByteOfGarbage) {
  const std::string text = "\xFF\xC3\x28\xF0\x9F";
  std::size_t at = 0;
  int steps = 0;
  while (at < text.size()) {
    Next(text, &at);
    ++steps;
  }
  EXPECT_EQ(at, text.size());
  EXPECT_EQ(steps, 5);
}

TEST(Utf8, LowersAnyScript) {
  EXPECT_EQ(Lower("\xC3\x84"
                  "B\xD0\x96\xCE\xA3\xE4\xB8\xAD"),
            "\xC3\xA4"
            "b\xD0\xB6\xCF\x83\xE4\xB8\xAD");
}

TEST(Utf8, TruncateNeverCutsACharacter) {
  const std::string text = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80z";
  for (std::size_t bytes = 0; bytes <= text.size() + 1; ++bytes) {
    const std::string_view cut = Truncate(text, bytes);
    EXPECT_LE(cut.size(), bytes);
    EXPECT_TRUE(IsValid(cut));
    EXPECT_GE(cut.size() + 3, std::min(bytes, text.size()));
  }
}

TEST(Utf8, TruncateOfGarbageStillKeepsNearlyAll) {
  EXPECT_EQ(Truncate(std::string(100, '\x80'), 50).size(), 50u);
}

}  // namespace
}  // namespace moerge::utf8
