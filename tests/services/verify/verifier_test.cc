#include "services/verify/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moerge {
namespace {

using testing::HasSubstr;

Result<Verifier> Parsed(std::string_view text) {
  const auto document = json::Document::Parse(text);
  if (!document.ok()) return document.error();
  return ParseVerifier(document->root());
}

Verification Judged(std::string_view verifier, std::string_view answer) {
  const auto parsed = Parsed(verifier);
  if (!parsed.ok()) return {false, "refused: " + parsed.error().message};
  return JudgeText(*parsed, answer).value_or(Verification{false, "needs a sandbox"});
}

void ExpectRefused(std::string_view verifier, std::string_view param, std::string_view message) {
  const auto parsed = Parsed(verifier);
  ASSERT_FALSE(parsed.ok()) << verifier;
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(parsed.error().param, param) << verifier;
  EXPECT_THAT(parsed.error().message, HasSubstr(std::string(message)));
}

TEST(ParseVerifier, TakesExactlyOneKind) {
  ExpectRefused("[]", "moerge.verify", "must be an object");
  ExpectRefused("{}", "moerge.verify", "exactly one of json_schema, regex, tests");
  ExpectRefused(R"({"regex": "a", "json_schema": {}})", "moerge.verify", "exactly one");
  ExpectRefused(R"({"regexp": "a"})", "moerge.verify.regexp", "Did you mean `regex`");
}

TEST(ParseVerifier, NamesTheFieldAtFault) {
  ExpectRefused(R"({"regex": "("})", "moerge.verify.regex", "missing )");
  ExpectRefused(R"({"regex": ""})", "moerge.verify.regex", "must be a regular expression");
  ExpectRefused(R"({"regex": 1})", "moerge.verify.regex", "must be a regular expression");
  ExpectRefused(R"({"json_schema": {"typ": "object"}})", "moerge.verify.json_schema", "`type`");
  ExpectRefused(R"({"tests": []})", "moerge.verify.tests", "must be an object");
  ExpectRefused(R"({"tests": {"language": "cobol", "code": "x"}})", "moerge.verify.tests.language",
                "python");
  ExpectRefused(R"({"tests": {"code": "x"}})", "moerge.verify.tests.language", "is missing");
  ExpectRefused(R"({"tests": {"language": "python"}})", "moerge.verify.tests.code", "is missing");
  ExpectRefused(R"({"tests": {"language": "python", "code": "  "}})", "moerge.verify.tests.code",
                "must be the code");
  ExpectRefused(R"({"tests": {"language": "python", "code": "x", "timeout": 3}})",
                "moerge.verify.tests.timeout", "Did you mean `timeout_ms`");
  for (const char* const timeout : {"99", "60001", "1.5", "\"5\"", "null"}) {
    ExpectRefused(R"({"tests": {"language": "python", "code": "x", "timeout_ms": )" +
                      std::string(timeout) + "}}",
                  "moerge.verify.tests.timeout_ms", "from 100 to 60000");
  }
  ExpectRefused(R"({"tests": {"language": "python", "code": ")" + std::string(70'000, 'x') + "\"}}",
                "moerge.verify.tests.code", "at most");
}

TEST(ParseVerifier, TestsHaveADefaultTimeout) {
  const auto parsed = Parsed(R"x({"tests": {"language": "Python3", "code": "assert f()"}})x");
  ASSERT_TRUE(parsed.ok());
  const auto& tests = std::get<TestsVerifier>(parsed->check);
  EXPECT_EQ(tests.language, "python");
  EXPECT_EQ(tests.timeout, std::chrono::seconds(5));
  EXPECT_FALSE(JudgeText(*parsed, "x").has_value());
}

TEST(JudgeText, JsonMayStandInAFence) {
  const char* const verifier = R"({"json_schema": {"type": "object", "required": ["a"]}})";
  EXPECT_TRUE(Judged(verifier, R"({"a": 1})").passed);
  EXPECT_TRUE(Judged(verifier, "Sure:\n```json\n{\"a\": 1}\n```").passed);
  EXPECT_TRUE(Judged(verifier, "<think>{</think>{\"a\": 1}").passed);
  EXPECT_THAT(Judged(verifier, R"({"b": 1})").why, HasSubstr("`a` is missing"));
  EXPECT_THAT(Judged(verifier, "I cannot").why, HasSubstr("the answer is not JSON"));
  EXPECT_FALSE(Judged(verifier, "").passed);
  EXPECT_FALSE(Judged(verifier, R"({"a": 1, "a": 2})").passed);
  EXPECT_FALSE(Judged(verifier, std::string(100'000, '[')).passed);
}

TEST(JudgeText, AnExpressionMatchesAnywhereUnlessAnchored) {
  EXPECT_TRUE(Judged(R"({"regex": "\\d{3}"})", "code 123.").passed);
  EXPECT_FALSE(Judged(R"({"regex": "^\\d{3}$"})", "code 123.").passed);
  EXPECT_TRUE(Judged(R"({"regex": "^\\d{3}$"})", "<think>7</think>123").passed);
  EXPECT_THAT(Judged(R"({"regex": "z"})", "abc").why, HasSubstr("matches `z`"));
}

TEST(JudgeText, HostileExpressionsEndSoon) {
  EXPECT_FALSE(Judged(R"({"regex": "^(a*)*c$"})", std::string(100'000, 'a')).passed);
  EXPECT_THAT(Judged(R"x({"regex": "(x{1,999}a)"})x", std::string(900'000, 'x')).why,
              HasSubstr("too long for"));
  EXPECT_THAT(Judged(R"({"regex": "a"})", std::string(2'000'000, 'x')).why, HasSubstr("too long"));
}

TEST(JudgeText, ReasonsAreShort) {
  std::string name(5000, 'n');
  const auto verdict = Judged(R"({"json_schema": {"additionalProperties": false}})",
                              "{\"" + name + "\": \"" + name + "\"}");
  EXPECT_FALSE(verdict.passed);
  EXPECT_LE(verdict.why.size(), 400u);
}

std::optional<Verification> JudgedByFormat(std::string_view format, std::string_view answer) {
  const auto document = json::Document::Parse(format);
  const auto verifier = VerifierOfResponseFormat(document->root());
  if (!verifier.ok()) return Verification{false, verifier.error().param};
  return *verifier ? JudgeText(**verifier, answer) : std::nullopt;
}

TEST(VerifierOfResponseFormat, ChecksWhatTheFormatAsks) {
  const char* const schema =
      R"({"type": "json_schema", "json_schema": {"name": "n", "strict": true,
          "schema": {"type": "array"}}})";
  EXPECT_TRUE(JudgedByFormat(schema, "[]")->passed);
  EXPECT_FALSE(JudgedByFormat(schema, "{}")->passed);
  EXPECT_TRUE(JudgedByFormat(R"({"type": "json_object"})", "{}")->passed);
  EXPECT_FALSE(JudgedByFormat(R"({"type": "json_object"})", "[]")->passed);
  EXPECT_TRUE(JudgedByFormat(R"({"type": "json_schema", "json_schema": {}})", "3")->passed);
  EXPECT_FALSE(JudgedByFormat(R"({"type": "text"})", "x").has_value());
  EXPECT_FALSE(VerifierOfResponseFormat(json::Value())->has_value());
}

TEST(VerifierOfResponseFormat, RefusesASchemaThatCannotBeChecked) {
  EXPECT_EQ(JudgedByFormat(
                R"({"type": "json_schema", "json_schema": {"schema": {"$ref": "http://x"}}})", "1")
                ->why,
            "response_format.json_schema.schema");
}

}  // namespace
}  // namespace moerge
