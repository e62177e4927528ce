// What is JSON and what is not: one line a case, in the spirit of the n_ and y_ cases of
// nst/JSONTestSuite.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"

namespace moerge::json {
namespace {

using namespace std::string_view_literals;

bool Accepted(std::string_view text) { return Document::Parse(text).ok(); }

const std::vector<std::string_view>& Valid() {
  static const std::vector<std::string_view> texts = {
      "0",
      "-0",
      "-1",
      "1.5",
      "0.1e5",
      "1E400",
      "1e-400",
      "0e+1",
      "0E1",
      "123e65",
      "-0.0",
      "20e1",
      "true",
      "false",
      "null",
      "\"\"",
      "\"a\"",
      " 1 ",
      "\n\t\r 1 \n\t\r",
      "[]",
      "{}",
      "[ ]",
      "{ }",
      "[1]",
      "[1,2]",
      "[1 ,\n2]",
      "[[]]",
      "[[],{}]",
      "[\"\"]",
      "[null,1,\"1\",{}]",
      "[true]",
      R"({"a":1})",
      R"({"a":1,"b":2})",
      R"({"":0})",
      R"({"a":{"a":{"a":[]}}})",
      R"({ "a" : 1 })",
      R"({"a":[]})",
      R"({"a\u0000b":1})",
      R"({"a":1,"A":2})",
      R"(["\"\\\/\b\f\n\r\t"])",
      R"(["\u0041\u00e9\u4e2d"])",
      R"(["\uD834\uDD1E"])",
      R"(["\ud834\udd1e"])",
      R"(["\uDBFF\uDFFF"])",
      R"(["\u0000"])",
      R"(["\u001f"])",
      R"(["\\u0000"])",
      R"(["\uFFFF"])",
      R"(["\uFDD0"])",
      R"(["\u2028\u2029"])",
      R"(["\u200B"])",
      R"(["\uFEFF"])",
      "[\"\x7f\"]",
      "[\"\xC3\xA9\"]",
      "[\"\xE2\x80\xA8\"]",
      "[\"\xF0\x9D\x84\x9E\"]",
      "[\"\xF4\x8F\xBF\xBF\"]",
      "[\"\xEF\xBF\xBF\"]",
      "[\"\xEF\xBB\xBF\"]",
      "[0.00000000000000000000000000000000000000000000000000000000000000000000000000000000001]",
      "[100000000000000000000000000000000000000000000000000000000000000000000000000000000]",
      "[-237462374673276894279832749832423479823246327846]"};
  return texts;
}

TEST(JsonGrammar, EverythingValidIsAccepted) {
  for (const std::string_view text : Valid()) {
    const auto document = Document::Parse(text);
    EXPECT_TRUE(document.ok()) << text << " " << (document.ok() ? "" : document.error().message);
  }
}

const std::vector<std::string_view>& Invalid() {
  static const std::vector<std::string_view> texts = {
      // nothing, white space that is not JSON's
      "", " ", "\n", "\f1", "\v1", "1\f",
      "\xC2\xA0"
      "1",
      "[\f]", "[\xE2\x81\xA0]",
      "\xE2\x80\xA8"
      "1",
      // byte order marks, whole, cut, of UTF-16
      "\xEF\xBB\xBF{}", "\xEF\xBB", "\xEF\xBB{}", "\xEF", "\xFF\xFE[\0]\0"sv, "\xFE\xFF\0[\0]"sv,
      // after the value
      "1 2", "[]]", "{}}", "[] x", "{}#", "{}/**/", "{}//", "\"\"x", "nullx", "truefalse", "1a",
      "[1]\0"sv, "1\0"sv, "{}\0{}"sv, "[]\xEF\xBB\xBF", "[]\xEF", "{\"a\":1}\"x\"", "{}{}", "[],",
      "1,",
      // words
      "tru", "True", "TRUE", "nul", "NULL", "fals", "undefined", "NaN", "nan", "Infinity",
      "-Infinity", "inf", "-NaN", "nullnull", "*", "<null>", "n", "t\0ue"sv,
      // numbers
      "-", "+1", "++1", "--1", "-+1", ".5", "-.5", "1.", "-1.", "1.e1", "01", "-01", "00", "0x1",
      "0x", "1e", "1e+", "1e-", "1E+", "1e1.5", "1ee1", "1e++1", "1 000", "1_000", "1,5", "1f",
      "0b1", "0o7", "1\0e1"sv, "\xEF\xBC\x91", "-\xEF\xBC\x91", "[-foo]", "[1e]", "[- 1]", "[0.e1]",
      "[1.2.3]", "- 1",
      // arrays
      "[", "]", "[,", "[,]", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1", "[1,", "[[", "[\"a\"", "[}",
      "[1}", "[x", "[\"\": 1]", "[1:2]", "[()]", "[\n", "[1\n1", "[3[4]]", "[\"a\",\n4\n,1,",
      "[,\"\"]",
      // objects
      "{", "}", "{,", "{,}", "{1:1}", "{a:1}", "{'a':1}", "{\"a\"", "{\"a\"}",
      "{\"a\":", "{\"a\":}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\":1,}", "{\"a\":1,,\"b\":2}",
      "{\"a\":1 \"b\":2}", "{\"a\":1", "{\"a\":1]", "{null:1}", "{true:1}", "{[]:1}",
      "{\"a\":1,\"b\"}", "{\"a\":1 x}", "{\"a\":1,1}", "{\"a\":/*x*/1}", "{{}}", "{[", "[{",
      "{\"a\":{", "{\"a\":b}", "{\"\\u\":1}", "{\"a\\q\":1}",
      // strings
      "\"", "\"a", "'a'", "\"\\\"", "\"\\", "\"\\x41\"", "\"\\a\"", "\"\\'\"", "\"\\0\"", "\"\\u\"",
      "\"\\u1\"", "\"\\u12\"", "\"\\u123\"", "\"\\u123g\"", "\"\\uXYZW\"", "\"\\U0041\"",
      "\"\\u+041\"", "\"\\u 041\"", "\"\\\n\"", "\"\\\0\""sv, "\"\\\xC3\xA9\"", "\"a\nb\"",
      "\"a\tb\"", "\"a\rb\"", "\"\x01\"", "\"\x1f\"", "\"\0\""sv, "\"abcdefgh\x1fijkl\"",
      "[\"\\u00A\"]", "a\"", "\\u0020", "[\\n]", "[\\u000A\"\"]", "\"\\u{41}\"", "[\"\\\\\\\"]",
      "\"new\nline\"", "\\", "`a`",
      // surrogates
      "\"\\uD800\"", "\"\\uDBFF\"", "\"\\uDC00\"", "\"\\uDFFF\"", "\"\\uD800\\uD800\"",
      "\"\\uD800\\u0041\"", "\"\\uD800\\n\"", "\"\\uD800x\"", "\"\\uD800\\\"", "\"\\uD800\\u\"",
      "\"\\uD834\\uDd\"", "\"\\uDD1E\\uD834\"", "\"\\uD800", "\"\\uD83D\\uDE00\\uD83D\"",
      // not UTF-8
      "\"\x80\"", "\"\xBF\"", "\"\xC0\x80\"", "\"\xC1\xBF\"", "\"\xC3\"", "\"\xC3(\"",
      "\"\xE0\x80\x80\"", "\"\xE0\x9F\xBF\"", "\"\xE4\xB8\"", "\"\xED\xA0\x80\"",
      "\"\xED\xBF\xBF\"", "\"\xF0\x80\x80\x80\"", "\"\xF0\x8F\xBF\xBF\"", "\"\xF0\x9D\x84\"",
      "\"\xF4\x90\x80\x80\"", "\"\xF5\x80\x80\x80\"", "\"\xF8\x88\x80\x80\x80\"", "\"\xFE\"",
      "\"\xFF\"", "\xFF", "[\xE5]", "{\"\xB9\":\"0\",}", "[\"a\xE5\"]", "[0\xE5]", "[123\xE5]",
      "[1e1\xE5]", "\"12345678\x80\"", "\"\xE9\"",
      // duplicate keys, also spelt differently
      R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"":1,"":2})",
      R"({"b":1,"a":{"x":1,"x":2}})"};
  return texts;
}

TEST(JsonGrammar, EverythingInvalidIsRefused) {
  for (const std::string_view text : Invalid()) {
    EXPECT_FALSE(Accepted(text)) << text << " (" << text.size() << " bytes)";
  }
}

TEST(JsonGrammar, NoPrefixOfAnObjectIsJson) {
  const std::string_view whole = R"({"a": [1.5e+3, true, null, "\u00e9\n"], "b": {"c": ""}})";
  ASSERT_TRUE(Accepted(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Accepted(whole.substr(0, size))) << whole.substr(0, size);
  }
}

TEST(JsonGrammar, EveryControlCharacterInAStringIsRefusedAtEveryOffset) {
  for (int c = 0; c < 0x20; ++c) {
    for (std::size_t offset = 0; offset < 20; ++offset) {
      std::string text = "\"" + std::string(20, 'x') + "\"";
      text[1 + offset] = static_cast<char>(c);
      EXPECT_FALSE(Accepted(text)) << c << " at " << offset;
    }
  }
}

TEST(JsonGrammar, DuplicateKeysAreFoundInLargeObjects) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(Accepted(text + "\"last\":0}"));
  EXPECT_FALSE(Accepted(text + "\"k500\":0}"));
}

TEST(JsonGrammar, DeepNestingIsRefusedWithoutRecursion) {
  for (const char* piece : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string text;
    while (text.size() < 200'000) text += piece;
    const auto document = Document::Parse(text);
    ASSERT_FALSE(document.ok());
    EXPECT_NE(document.error().message.find("nested deeper than 128"), std::string::npos);
  }
}

TEST(JsonGrammar, NestingUpToTheLimitIsAccepted) {
  const std::string most = std::string(128, '[') + std::string(128, ']');
  EXPECT_TRUE(Accepted(most));
  EXPECT_FALSE(Accepted("[" + most + "]"));
  EXPECT_TRUE(Document::Parse("[[1]]", 2).ok());
  EXPECT_FALSE(Document::Parse("[[[1]]]", 2).ok());
}

TEST(JsonGrammar, MoreValuesThanTheLimitAreRefused) {
  EXPECT_TRUE(Document::Parse("[1,2]", 128, 3).ok());
  const auto array = Document::Parse("[1,2,3]", 128, 3);
  ASSERT_FALSE(array.ok());
  EXPECT_EQ(array.error().message,
            "invalid JSON at byte 5 (line 1, column 6): more than 3 values and keys");
  EXPECT_TRUE(Document::Parse(R"({"a":1})", 128, 3).ok());
  EXPECT_FALSE(Document::Parse(R"({"a":1,"b":2})", 128, 4).ok());
  EXPECT_FALSE(Document::Parse(R"({"a":1,"b":2})", 128, 3).ok());
}

TEST(JsonGrammar, ABodyOfTinyValuesIsRefusedByDefault) {
  std::string text = "[1";
  while (text.size() < 2'000'100) text += ",1";
  text += "]";
  const auto document = Document::Parse(text);
  ASSERT_FALSE(document.ok());
  EXPECT_NE(document.error().message.find("more than 1,000,000 values and keys"),
            std::string::npos);
}

struct Mistake {
  std::string_view text;
  std::size_t at;
  std::string_view what;
};

const std::vector<Mistake>& Mistakes() {
  static const std::vector<Mistake> mistakes = {
      {"", 0, "the text is empty, expected a value"},
      {" \t", 2, "the text is empty, expected a value"},
      {"]", 0, "expected a value"},
      {"[1] 2", 4, "unexpected text after the end of the value"},
      {"[1]\0"sv, 3, "unexpected text after the end of the value"},
      {"01", 1, "unexpected text after the end of the value"},
      {"[-0123]", 3, "expected ',' or ']'"},
      {"[\0]"sv, 1, "expected a value"},
      {"[1\0]"sv, 2, "expected ',' or ']'"},
      {"[tru]", 1, "expected a value"},
      {"[nulx", 1, "expected a value"},
      {"{\"a\": falsy}", 6, "expected a value"},
      {"[1,]", 3, "expected a value"},
      {"[1,", 3, "the text ends, expected a value"},
      {"[1", 2, "the text ends, expected ',' or ']'"},
      {"{", 1, "the text ends, expected a key in double quotes"},
      {"{1:2}", 1, "expected a key in double quotes"},
      {"{\"a\":1,}", 7, "expected a key in double quotes"},
      {"{\"a\" 1}", 5, "expected ':' after the key"},
      {"{\"a\":1 2}", 7, "expected ',' or '}'"},
      {"-", 1, "the text ends, expected a digit"},
      {"[-x]", 2, "expected a digit"},
      {"[12345.]", 7, "expected a digit"},
      {"[1e+]", 4, "expected a digit"},
      {"\"ab", 3, "the text ends inside a string"},
      {"\"ab\\", 3, "the text ends inside a string"},
      {"\"a\nb\"", 2, "a control character inside a string must be escaped"},
      {"\"a\0b\""sv, 2, "a control character inside a string must be escaped"},
      {"\"a\\x\"", 2, "an unknown escape in a string"},
      {"\"a\\u12g4\"", 2, "\\u needs four hexadecimal digits"},
      {"\"a\\ud800b\"", 2, "a lone high surrogate"},
      {"\"\\ud800\\u00\"", 1, "a lone high surrogate"},
      {"\"\\n\\udc00\"", 3, "a lone low surrogate"},
      {"{\"\\udc00\":\"\n\"}", 2, "a lone low surrogate"},
      {"\xEF\xBB\xBF[]", 0, "the text begins with a byte order mark"},
      {"[x, \"\xFF\"]", 5, "invalid UTF-8"},
  };
  return mistakes;
}

TEST(JsonGrammar, EveryMistakeHasItsTextAndItsPlace) {
  for (const Mistake& mistake : Mistakes()) {
    const auto document = Document::Parse(mistake.text);
    ASSERT_FALSE(document.ok()) << mistake.text;
    const std::string begin = "invalid JSON at byte " + std::to_string(mistake.at) + " (";
    EXPECT_TRUE(document.error().message.starts_with(begin)) << document.error().message;
    EXPECT_TRUE(document.error().message.ends_with("): " + std::string(mistake.what)))
        << document.error().message;
  }
}

TEST(JsonGrammar, AMistakeIsSaidWithItsPosition) {
  const auto document = Document::Parse("{\n  \"a\": 1,\n  \"b\": x\n}");
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(document.error().message,
            "invalid JSON at byte 19 (line 3, column 8): expected a value");
}

TEST(JsonGrammar, ADuplicateKeyIsNamedAtItsSecondPlace) {
  const auto document = Document::Parse(R"({"role":1,"role":2})");
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.error().message,
            "invalid JSON at byte 10 (line 1, column 11): duplicate key \"role\"");
}

}  // namespace
}  // namespace moerge::json
